"""Words of health, French then English: diseases, handicaps, pregnancies, acts. A table, and nothing else.

Terms are parted by commas, in lower case and with their accents; `spellings` says which spellings of each are looked
for. Only what tells something of a body or a mind is here: no word for a trade, a place or a right (`infirmier`,
`hôpital`, `droit à la santé`), no symptom that everybody has. Written for this project from general knowledge.
"""

from __future__ import annotations

CONDITIONS_FR = """
acathisie, accident vasculaire cérébral, acidocétose, acidose, acouphène, acromégalie, adénocarcinome, adénome,
adénopathie, affection de longue durée, affection psychiatrique, agoraphobie, albinisme, albuminurie, alcoolisme,
alcoolique, alcoolodépendance, alcoolodépendant, alcoolodépendante, alcoolisation, algodystrophie,
algie vasculaire, allergie, allergique, alopécie, alzheimer, amblyopie, aménorrhée, amnésie, amnésique,
amputation, amputé, amputée, amylose, amyotrophie, anémie, anémique, anévrisme, anévrysme, angine de poitrine, angor,
angiome, ankylose, anorexie, anorexique, antécédents médicaux, antécédents chirurgicaux, antécédents familiaux,
antécédents psychiatriques, anxiété généralisée, aphasie, aphasique, apnée du sommeil, apnées du sommeil, appendicite,
apraxie, arrêt cardiaque, arrêt maladie, arrêt de travail, arrêt pour maladie, artérite, artériopathie, arthrite,
arthrose, asperger, asthénie, asthénique, asthme, asthmatique, astigmatisme, astrocytome, ataxie, athérosclérose,
atopique, atrophie, autisme, autiste, autistique, avortement, aveugle, azoospermie, bégaiement, béquilles, bipolaire,
bipolarité, blépharite, borderline, borréliose, boulimie, boulimique, bouffée délirante, bpco, bronchiolite, bronchite,
bronchectasie, bronchopathie, bronchopneumopathie, brucellose, burn-out, burnout, calculs rénaux, cancer,
cancéreuse, cancéreux, candidose, carcinome, cardiaque, cardiomyopathie, cardiopathie, carence en fer, cataracte,
cécité, céphalée, céphalées, cervicalgie, cervicarthrose, charcot, chikungunya, chimio, chlamydia, chlamydiose,
choc anaphylactique, cholécystite, choléra, cholestase, chorée, cirrhose, cirrhotique, coagulopathie, cocaïnomane,
coeliaque, cœliaque, coliques néphrétiques, colite, coloscopie, coma, comateux, comitialité,
commotion cérébrale, conduites suicidaires, congé de longue maladie, congé de longue durée, congé longue maladie,
congé de maladie, congé maladie, congé pathologique, conjonctivite, contusion, contusions, coqueluche, coronaropathie,
coronarien, coronarienne, covid, covid-19, covid long, coxarthrose, crise cardiaque, crise d'angoisse,
crises d'angoisse, crises de panique, crohn, cruralgie, cushing, cyphose, cyclothymie, cystite, cystinurie, daltonien,
daltonienne, débilité, décollement de la rétine, décompensation, décompensée, déficience auditive,
déficience intellectuelle, déficience mentale, déficience visuelle, déficient intellectuel, déficit immunitaire,
dégénérescence maculaire, délirant, délirante, démence, dément, démente, dengue, dépendance à l'alcool,
dépendance aux opiacés, dépression, dépressif, dépressive, dermatite, dermatose, désintoxication, désorientation,
diabète, diabétique, dialyse, dialysé, dialysée, dilatation des bronches, diphtérie, diverticulite, douleurs chroniques,
drépanocytose, drépanocytaire, drogué, droguée, dyscalculie, dyskinésie, dyslexie, dyslexique, dyslipidémie,
dysorthographie, dyspepsie, dysphasie, dysphasique, dysphonie, dysplasie, dyspnée, dyspnéique, dyspraxie, dyspraxique,
dysthyroïdie, dystonie, dystrophie, ébola, éclampsie, eczéma, embolie, embolie pulmonaire, emphysème, encéphalite,
encéphalopathie, endocardite, endométriose, énurésie, enceinte de, est enceinte, suis enceinte, tombée enceinte,
était enceinte, enceinte et, enceinte depuis, épendymome, épicondylite, épilepsie, épilepsies, épileptique, érysipèle,
érythème, escarre, escarres, état de stress, état dépressif, éthylique, éthylisme, éventration, fausse couche,
fauteuil roulant, fente labiale, fibrillation auriculaire, fibromyalgie, fibromyalgique, fibrome, fibrose,
fibrose pulmonaire, fièvre jaune, fracture, fièvre typhoïde, fissure anale, fistule, flutter auriculaire,
gale, gastrite, gastro-entérite, gilles de la tourette, gingivite, glaucome, glioblastome, gliome,
glomérulonéphrite, goitre, gonarthrose, gonorrhée, goutte articulaire, grippe, grossesse, grossesse à risque,
grossesse extra-utérine, guillain-barré, gynécomastie, hallucination, hallucinations, handicap, handicapé, handicapée,
handicapés mentaux, hashimoto, helicobacter, hématome, hématurie, hémiparésie, hémiplégie, hémiplégique, hémochromatose,
hémodialyse, hémophile, hémophilie, hémoptysie, hémorragie, hémorragie digestive, hémorroïdes, hépatique, hépatite,
hépatites, hépatocarcinome, hépatomégalie, hernie, hernie discale, hernie inguinale, herpès, héroïnomane, hidradénite,
hirsutisme, hodgkin, huntington, hydrocéphalie, hyperactif, hyperactive, hyperactivité,
hypercholestérolémie, hyperlipidémie, hyperplasie, hypersensibilité, hypertendu, hypertendue, hypertension,
hypertension artérielle, hyperthyroïdie, hypertrophie, hypoacousie, hypochondriaque, hypocondriaque, hypoglycémie,
hypoglycémique, hypotension, hypothermie, hypothyroïdie, hystérectomie, ichtyose, ictère, impétigo, impuissance,
inaptitude médicale, inapte à la suite, inapte à son poste, incontinence, incontinence urinaire, infarctus,
infarctus du myocarde, infection urinaire, infertilité, insomnie, insomnies, insuffisance cardiaque,
insuffisance rénale, insuffisance respiratoire, insuffisance hépatique, insuffisant rénal, insuffisante rénale,
insuffisant cardiaque, insuffisant respiratoire, insulinodépendant, insulinodépendante, interruption de grossesse,
interruption volontaire de grossesse, intolérance au gluten, intolérance au lactose, intoxication alcoolique,
intoxication médicamenteuse, invalide, invalidité, ischémie, ischémique, kératite, kératocône, kyste, kystes, laryngite,
laryngectomie, légionellose, lèpre, leishmaniose, leptospirose, lésion médullaire, leucémie, leucémies, leucopénie,
lichen plan, lithiase, logorrhée, lombalgie, lombalgies, lombosciatique, lumbago, lupus, lupique, luxation, lyme,
lymphangite, lymphome, lymphœdème, lymphopénie, maladie auto-immune, maladie bipolaire, maladie chronique,
maladie de charcot, maladie de crohn, maladie de lyme, maladie de parkinson, maladie génétique,
maladie mentale, maladie neurodégénérative, maladie orpheline, maladie professionnelle, maladie psychiatrique,
maladie rare, maladie sexuellement transmissible, malaise vagal, malentendant, malentendante, malformation,
malformation congénitale, malvoyant, malvoyante, maniaco-dépressif, maniaco-dépressive, mastectomie, mastite,
mégalomanie, mélancolie, mélancolique, mélanome, ménière, méningiome, méningite, méningo-encéphalite,
métastase, métastases, métastatique, migraine, migraines, migraineux, migraineuse, mononucléose, mort subite,
mucoviscidose, multihandicapé, mutilation, mutique, mutisme, myalgie, myasthénie, mycose, myélodysplasie, myélome,
myocardite, myoclonie, myopathe, myopathie, narcolepsie, narcoleptique, nécrose, néoplasie, néphrite,
néphropathie, neurinome, neuroblastome, neuropathie, neutropénie, névralgie, névrite, névrose, névrotique,
non-voyant, non-voyante, obèse, obésité, obésité morbide, occlusion intestinale, œdème, œdème pulmonaire,
œsophagite, oligophrénie, ophtalmoplégie, orchite, oreillons, ostéite, ostéomyélite, ostéopénie, ostéoporose,
otite, otospongiose, ovaires polykystiques, paget, paludisme, pancréatite, paralysé, paralysée, paralysie,
paralysie faciale, paranoïa, paranoïaque, paranoïde, paraparésie, paraplégie, paraplégique, paresthésies, parkinson,
parkinsonien, parkinsonienne, parodontite, pathologie cardiaque, pathologie chronique, pathologie psychiatrique,
pathologie psychique, pelade, pemphigus, péricardite, péritonite, perte d'autonomie, perte auditive,
phénylcétonurie, phlébite, phlegmon, phobie sociale, phobie scolaire, phobique, pleurésie, pneumocoque,
pneumonie, pneumopathie, pneumothorax, poliomyélite, polyarthrite, polyarthrite rhumatoïde, polyhandicap,
polyhandicapé, polyhandicapée, polykystose, polymédiquée, polype, polypes, polyneuropathie, polytoxicomane,
polytraumatisé, polytraumatisée, porphyrie, prééclampsie, prématuré, prématurée, presbyacousie, problèmes cardiaques,
problèmes psychiatriques, prolapsus, prostatite, prothèse de hanche, prothèse de genou, prurigo, psoriasis, psychose,
psychoses, psychotique, purpura, pyélonéphrite, rachitisme, radiculalgie, raynaud, rectocolite, rectorragies,
retard mental, rétinite, rétinopathie, rhabdomyolyse, rhinite, rhumatisme, rhumatismes,
rougeole, rubéole, rupture d'anévrisme, salpingite, sarcoïdose, sarcome, saturnisme, scarlatine, scarifications,
schizo-affectif, schizophrène, schizophrénie, schizophrénique, sciatique, sclérodermie, sclérose en plaques,
sclérose latérale amyotrophique, scoliose, scorbut, sénilité, septicémie, sepsis, séquelles, séronégatif,
séropositif, séropositive, séropositivité, sevrage alcoolique, sevrage tabagique, sida, silicose, sinusite, sjögren,
somnambulisme, sourd, sourde, sourd-muet, sourds-muets, spasticité, spasmophilie, spina bifida, spondylarthrite,
spondylolisthésis, sténose, stérile, stérilité, stress post-traumatique, subdépression, suicidaire, suicidaires,
surdité, surmenage, surpoids, syncope, syndrome dépressif, syndrome anxieux, syndrome anxio-dépressif,
syndrome d'asperger, syndrome de down, syndrome de diogène, syndrome coronarien, syndrome myélodysplasique,
syndrome néphrotique, syndrome du canal carpien, syndrome d'alcoolisation fœtale, syphilis, tachycardie,
tendinite, tendinopathie, tentative de suicide, tentatives de suicide, tentative d'autolyse, tétanos,
tétraplégie, tétraplégique, thalassémie, thrombocytopénie, thrombopénie, thrombophlébite, thrombose, thyroïdite,
torticolis, tourette, toxicomane, toxicomanie, toxoplasmose, trachéotomie, traumatisme crânien,
traumatisé crânien, traumatisée crânienne, travailleur handicapé, travailleuse handicapée, tremblement essentiel,
trouble anxieux, trouble bipolaire, trouble cognitif, trouble de la personnalité, trouble du comportement,
trouble du spectre autistique, trouble psychique, trouble psychiatrique, trouble schizo-affectif, troubles anxieux,
troubles bipolaires, troubles cognitifs, troubles de la personnalité, troubles du comportement,
troubles du comportement alimentaire, troubles du sommeil, troubles musculo-squelettiques, troubles psychiatriques,
troubles psychiques, troubles psychologiques, trypanosomiase, tuberculose, tuberculeux, tumeur, tumeurs, typhus, ulcère,
ulcère gastrique, urétrite, urticaire, uvéite, vaginite, vaginisme, varicelle, varices, variole, vascularite, verrue,
vertiges, vitiligo, zona, mal de dos, hospitalisé d'office, hospitalisée d'office, hospitalisation sous contrainte,
soins sans consentement, hospitalisation d'office, idées noires, idées suicidaires, infection sexuellement transmissible
"""

ACTS_FR = """
ablation, accouchement par césarienne, accouché sous x, accouchée, anesthésie générale, angioplastie, appendicectomie,
arthroplastie, arthroscopie, biopsie, bypass, césarienne, cholécystectomie, chimiothérapie,
chimiothérapies, cœlioscopie, colectomie, coronarographie, cure de sevrage, cure de désintoxication, curiethérapie,
cytoponction, défibrillateur, échocardiographie, électrochocs, électroconvulsivothérapie,
électrocardiogramme, électroencéphalogramme, endoscopie, fibroscopie, fécondation in vitro, gastrectomie, gastroscopie,
greffe de moelle, greffe de rein, greffe du rein, greffe de foie, greffé du rein, hormonothérapie, hospitalisé,
hospitalisée, hospitalisé en psychiatrie, hospitalisée en psychiatrie, immunothérapie, insuline, insulinothérapie,
ligature des trompes, lobectomie, mammographie, mise sous dialyse, myélogramme, néphrectomie, oxygénothérapie,
pacemaker,
pontage coronarien, pontage, procréation médicalement assistée, prostatectomie, psychothérapie, radiographie,
radiothérapie, résection, scanner thoracique, scanner cérébral, scanner abdominal, scintigraphie, sérologie, sous
dialyse,
sous antidépresseur, sous antidépresseurs, stérilet, suivi psychiatrique, suivi psychologique, stimulateur cardiaque,
thoracotomie, thyroïdectomie, trachéotomisé, traitement antirétroviral, traitement substitutif,
transplantation cardiaque, transplantation rénale, trithérapie, vasectomie, ventilation non invasive,
allocation aux adultes handicapés, pension d'invalidité, carte d'invalidité, carte mobilité inclusion, neuroleptique,
neuroleptiques, antidépresseur, antidépresseurs, anxiolytique, anxiolytiques, antipsychotique, antipsychotiques,
anticoagulant, anticoagulants, bêtabloquant, bêtabloquants, corticothérapie, méthadone, morphine
"""

CONDITIONS_EN = """
adhd, alcoholic, alcoholism, allergic, allergy, alopecia, amputation, amputee,
anaemia, anaemic, anemia, anemic, aneurysm, angina, anorexia, anorexic, anxiety, anxiety disorder, aphasia,
appendicitis, arrhythmia, arthritic, arthritis, asthma, asthmatic, atrial fibrillation, autism, autistic, bedridden,
bipolar, bipolar disorder, blindness, is blind, was blind, went blind, brain injury, brain damage, breast cancer,
bronchitis, bulimia, bulimic, burnout, cancer, carcinoma, cardiac arrest, cardiomyopathy, cataract, cerebral palsy,
chemo, chickenpox, chronic fatigue, chronic pain, cirrhosis, coeliac disease, celiac disease, colitis, concussion,
congestive heart failure, copd, coronary artery disease, crohn's, cystic fibrosis, deaf, deafness, dementia, demented,
dependent on alcohol, depression, depressive, dermatitis, diabetes, diabetic, disabled, down syndrome,
down's syndrome, drug addict, drug addiction, drug abuse, dyslexia, dyslexic, dyspraxia, eating disorder, eczema,
embolism, emphysema, encephalitis, endometriosis, epilepsy, epileptic, fibromyalgia, gastritis, glaucoma,
gonorrhoea, gout, haemophilia, haemophiliac, haemorrhage, hallucinations, handicapped, hearing loss, heart attack,
heart disease, heart failure, hepatitis, hernia, herpes, high blood pressure, hiv, hiv positive, hiv-positive,
hypertension, hypertensive, hypothyroidism, hyperthyroidism, infertile, infertility, insomnia,
intellectual disability, kidney failure, kidney disease, kidney stones, learning disability, learning disabilities,
leukaemia, leukemia, liver failure, lupus, lymphoma, malaria, manic depression, measles, melanoma, meningitis,
menopause, mental disorder, mental health problems, mental illness, mentally ill, metastatic, migraine, migraines,
miscarriage, miscarried, motor neurone disease, multiple sclerosis, muscular dystrophy, myeloma, myocardial infarction,
neuropathy, obese, obesity, obsessive compulsive disorder, osteoarthritis, osteoporosis, overdose, overdosed,
pancreatitis, panic attacks, panic disorder, paralysed, paralyzed, paralysis, paranoid, paraplegic,
parkinson's, personality disorder, phobia, pneumonia, post-traumatic stress, postnatal depression, pregnancy, pregnant,
premature birth, psoriasis, psychiatric, psychosis, psychotic, ptsd, quadriplegic, renal failure, rheumatoid arthritis,
schizophrenia, schizophrenic, sciatica, scoliosis, seizure, seizures, self-harm, self-harmed, sepsis, sexually
transmitted,
shingles, sick leave, signed off sick, sickle cell, sleep apnoea, sleep apnea, spina bifida, stillbirth,
stillborn, had a stroke, suffered a stroke, a stroke, strokes, suicidal, suicide attempt, attempted suicide, syphilis,
tetraplegic,
thrombosis, tinnitus, tourette's, traumatic brain injury, tuberculosis, tumor, tumour, ulcerative colitis,
underactive thyroid, urinary tract infection, uses a wheelchair, visually impaired, hearing impaired, wheelchair user,
wheelchair, whooping cough, alzheimer's, dialysis, abortion
"""

ACTS_EN = """
antidepressant, antidepressants, antipsychotic, antipsychotics, appendectomy, biopsy, blood transfusion,
bone marrow transplant, caesarean, c-section, chemotherapy, colonoscopy, ct scan, electroconvulsive therapy,
heart surgery, bypass surgery, heart transplant, hip replacement, hormone therapy, hysterectomy, immunotherapy, insulin,
in vitro fertilisation, kidney transplant, knee replacement, liver transplant, mammogram, mastectomy, mri scan,
organ transplant, pacemaker, psychotherapy, radiotherapy, rehab, sectioned under, underwent surgery, ultrasound scan,
vasectomy, was hospitalised, was hospitalized, methadone
"""

SAID_FR = """
[mon|ma|son|sa|notre]
[cardiologue|oncologue|psychiatre|psychologue|psy|neurologue|addictologue|gynécologue|diabétologue|
rhumatologue|infectiologue|orthophoniste|sexologue], [voit|voir|consulte|suivi par|suivie par|vu par] [un|une|le|la]
[psychiatre|psychologue|psy|oncologue|neurologue|addictologue], souffr[e|es|ait|ant|ir|ent] [de|d'un|d'une|du|depuis],
atteint[|e] [de|d'un|d'une|du], diagnostiqu[é|ée], diagnostic de, diagnostic d'un, diagnostic d'une, suite à un malaise,
gravement malade, [sa|ma|cette|leur] maladie, est malade, suis malade, était malade, tombé[|e] malade, en maladie,
état de santé, problème[|s] de santé, souci[|s] de santé, ennuis de santé, raison[|s] de santé, raison[|s] médicale[|s],
restriction[|s] médicale[|s], certificat médical, dossier médical, avis d'inaptitude, inapte, mi-temps thérapeutique,
temps partiel thérapeutique, accident du travail, accident vasculaire, traitement médical, sous traitement, opéré[|e]
[de|
du|des|d'un|d'une|pour], greffe, greffé[|e], transplanté[|e], prothèse, appareil auditif, malade du, malade de la,
canne blanche, déambulateur, sonde urinaire, stomie, colostomie, transfusion, en réanimation, soins palliatifs, fin de
vie,
se drogue, me drogue, se droguait, héroïne, cocaïne, fume du cannabis, consomme [du cannabis|de la drogue|de la cocaïne|
des stupéfiants], addiction[|s], overdose, accro [à|au|aux], automutilation, se scarifie, pensées suicidaires,
angoisses, anxieux, anxieuse, anxiété, crise d'épilepsie, troubles obsessionnels, trouble obsessionnel, trouble[|s] de
l'attention, trouble[|s] de la mémoire, trouble[|s] du langage, trouble[|s] dys, trouble[|s] de l'humeur, perte de
mémoire,
corps de lewy, déficit en, vacciné[|e], non vacciné[|e], ménopause, ménopausée, bouffées de chaleur, règles
douloureuses,
contraception, avorté, avorter, test de grossesse, accouchement, prématurément, entorse, coiffe des rotateurs, ligaments
croisés, canal carpien, col du fémur, hanche cassée, jambe cassée, maladie héréditaire, carence, glycémie, hba1c,
métabolique,
taux d'incapacité, taux d'invalidité, incapacité permanente, en situation de handicap, malade chronique, colonoscopie,
polypose, fibroscanner, maux de tête, perte d'audition, troubles digestifs, troubles alimentaires, rétention urinaire,
saignements, crachats, vomissements, fièvre, essoufflement, convulsions, malaise, malaises, paralysie cérébrale
"""

SAID_EN = """
stress, mental health, ill health, health condition, health problems, medical condition, medical record[|s], medical
history, off sick, is ill, was ill, am ill, seriously ill, terminally ill, medication, psychiatrist, psychologist,
in therapy, sees a therapist, my therapist, her therapist, his therapist, surgery, injured, injury, injuries, diagnosed,
diagnosis, treated for, prescribed, suffer[|s|ed|ing] from, vaccinated, unvaccinated, overweight, menopausal, heroin,
cocaine, drug use, uses drugs, took drugs, drinks heavily, drinking problem, panic attack, suicide, hearing aid,
crutches,
walking frame, walking stick, zimmer frame, in recovery, broke [his|her|my] [hip|leg|arm|wrist|ankle|back|neck], broken
[hip|leg|arm|wrist|ankle|back|neck], hospitalised, hospitalized, disability benefit[|s], disability pension, disabled
badge, mental breakdown, nervous breakdown, transplant, anxious, disease, syndrome, disorder, infection, fever, chronic,
fertility treatment, contraception, postpartum, care home, palliative care, hospice, sickness
"""

ACRONYMS = """
AAH, PAI, TOC, IRC, ALD, AVC, BPCO, HTA, IVG, MDPH, MST, RQTH, SEP, SIDA, SOPK, SSPT, TCA, TDAH,
TSA, VIH, VHC, VHB, HIV, AIDS, PTSD, ADHD, COPD, IVF, OCD, IRM, EEG, ECG, MRI, FIV, AEEH, PCH, BRCA, ATCD, SAOS, DMLA,
DNID, RGO, AOMI, PTH, PTG, HDT, SPDT, SPDRE, HTAP, IPSS
"""
"""Only in capitals; the ones that also mean something else are left out, or need the link to a person anyway."""
