"""Medicines by their international nonproprietary names, French and English, and some brands. A table, nothing else.

Written for this project from general knowledge of the WHO's names. The stems stand at the end of a name and say its
class; a word that ends so counts beside a dose only (see `detectors.categories`).
"""

from __future__ import annotations

DRUGS = """
abacavir, abatacept, abiraterone, abiratérone, acamprosate, acarbose, acénocoumarol, acebutolol, acétazolamide,
aciclovir, acyclovir, acitrétine, adalimumab, adrénaline, afatinib, albendazole, alendronate, alfuzosine, alimémazine,
alirocumab, allopurinol, almotriptan, alprazolam, amantadine, ambrisentan, amiloride, aminophylline, amiodarone,
amisulpride, amitriptyline, amlodipine, amoxicilline, amoxicillin, amphotéricine, anakinra, anastrozole, apixaban,
aprémilast, aripiprazole, asénapine, atazanavir, aténolol, atenolol, atomoxétine, atorvastatine, atorvastatin,
azathioprine,
azithromycine, azithromycin, baclofène, baclofen, baricitinib, béclométasone, bénazépril, benralizumab, bétaméthasone,
bévacizumab, bicalutamide, bictégravir, bisoprolol, bortézomib, bosentan, bromazépam, bromocriptine, budésonide,
buprénorphine, bupropion, buspirone, cabergoline, calcitriol, canagliflozine, candésartan, capécitabine, captopril,
carbamazépine, carbamazepine, carbidopa, carbimazole, carboplatine, carvédilol, céfixime, céfotaxime, cefpodoxime,
ceftriaxone, célécoxib, cétirizine, cétuximab, chloroquine, chlorpromazine, ciclosporine, ciprofloxacine,
ciprofloxacin, cisplatine, citalopram, clarithromycine, clindamycine, clobazam, clomipramine, clonazépam, clonazepam,
clonidine, clopidogrel, clorazépate, clotiazépam, cloxacilline, clozapine, codéine, codeine, colchicine, cyamémazine,
cyclophosphamide, cyprotérone, dabigatran, dapagliflozine, dapsone, darbépoétine, darunavir, dasatinib, deféroxamine,
denosumab, dénosumab, desloratadine, desmopressine, dexaméthasone, dexamethasone, dextropropoxyphène, diazépam,
diazepam, diclofénac, diclofenac, digoxine, digoxin, diltiazem, disulfirame, disulfiram, docétaxel, dolutégravir,
dompéridone, donépézil, donepezil, doxazosine, doxorubicine, doxycycline, dulaglutide, duloxétine, duloxetine,
dupilumab, dutastéride, éfavirenz, élétriptan, éculizumab, empagliflozine, emtricitabine, énalapril, énoxaparine,
entacapone, entécavir, éplérénone, épirubicine, époétine, erlotinib, ertapénem, érythromycine, escitalopram,
eskétamine, ésoméprazole, esomeprazole, estradiol, étanercept, éthambutol, étoposide, évérolimus, évolocumab,
exénatide, ézétimibe, fébuxostat, félodipine, fénofibrate, fentanyl, finastéride, fingolimod, flécaïnide, fluconazole,
fluoxétine, fluoxetine, flupentixol, fluticasone, fluvoxamine, fosfomycine, furosémide, furosemide, gabapentine,
gabapentin, galantamine, gemcitabine, gentamicine, glatiramère, glibenclamide, gliclazide, glimépiride, golimumab,
goséréline, halopéridol, haloperidol, héparine, hydrochlorothiazide, hydrocortisone, hydroxychloroquine, hydroxyzine,
ibrutinib, ibuprofène, imatinib, imipramine, indapamide, indométacine, infliximab, interféron, ipratropium, irbésartan,
irinotécan, isoniazide, isotrétinoïne, isotretinoin, itraconazole, ivabradine, ivacaftor, ivermectine, ixékizumab,
kétamine,
kétoconazole, kétoprofène, labétalol, lacosamide, lamivudine, lamotrigine, lamotrigine, lansoprazole, latanoprost,
léflunomide, lénalidomide, lercanidipine, létrozole, leuproréline, lévétiracétam, levetiracetam, lévocétirizine,
lévodopa, levodopa, lévofloxacine, lévomépromazine, lévothyroxine, levothyroxine, linagliptine, liraglutide,
lisdexamfétamine, lisinopril, lithium, lopéramide, lopinavir, loratadine, lorazépam, lorazepam, losartan, loxapine,
macitentan, maraviroc, mébévérine, méfloquine, melatonine, melphalan, mémantine, memantine, mépolizumab, mercaptopurine,
mésalazine, metformine, metformin, méthotrexate, methotrexate, méthylphénidate, methylphenidate, méthylprednisolone,
métoclopramide, métoprolol, métronidazole, mianserine, miansérine, mirtazapine, misoprostol, mifépristone, mifepristone,
modafinil, montélukast, moxifloxacine, mycophénolate, nadolol, nalméfène, naltrexone, naproxène, naproxen,
natalizumab, nébivolol, nefopam, néfopam, névirapine, nicardipine, nilotinib, nitrofurantoïne, nivolumab,
nortriptyline, ocrélizumab, ofloxacine, olanzapine, olaparib, olmésartan, omalizumab, oméprazole, omeprazole,
ondansétron, oseltamivir, oxaliplatine, oxazépam, oxcarbazépine, oxybutynine, oxycodone, paclitaxel, palbociclib,
palipéridone, pantoprazole, paroxétine, paroxetine, pembrolizumab, pénicilline, penicillin, périndopril, phénobarbital,
phénytoïne, pimozide, pioglitazone, pirfénidone, pramipexole, prasugrel, pravastatine, prazépam, prednisolone,
prednisone, prégabaline, pregabalin, primidone, propranolol, propylthiouracile, pyridostigmine, quétiapine, quetiapine,
racécadotril, raloxifène, raltégravir, ramipril, ranitidine, rasagiline, répaglinide, ribavirine, rifampicine,
rilpivirine, riluzole, rispéridone, risperidone, ritonavir, rituximab, rivaroxaban, rivastigmine, rizatriptan,
ropinirole, rosuvastatine, ruxolitinib, sacubitril, salbutamol, salmétérol, saxagliptine, sécukinumab, semaglutide,
sémaglutide, sertraline, sévélamer, sildénafil, silodosine, simvastatine, simvastatin, sirolimus, sitagliptine,
sofosbuvir, solifénacine, sorafénib, sotalol, spironolactone, sulfasalazine, sulpiride, sumatriptan, sunitinib,
tacrolimus, tadalafil, tamoxifène, tamoxifen, tamsulosine, télmisartan, telmisartan, ténofovir, tenofovir,
térazosine, tériflunomide, testostérone, tétrabénazine, théophylline, thiamazole, tianeptine, ticagrélor, timolol,
tiotropium, tocilizumab, tofacitinib, toltérodine, topiramate, torasémide, tramadol, trastuzumab, trazodone,
triméthoprime, trospium, ursodésoxycholique, ustékinumab, valaciclovir, valproate, valproic acid, dépakine, valsartan,
varénicline, védolizumab, venlafaxine, vérapamil, vildagliptine, vincristine, voriconazole, vortioxétine, warfarine,
warfarin, zidovudine, ziprasidone, zolmitriptan, zolpidem, zonisamide, zopiclone, zuclopenthixol, ritaline, prozac,
xanax, lexomil, lévothyrox, doliprane, subutex, seroplex, tercian, valium, zyprexa, risperdal, ventoline, humira,
plaquenil, tégrétol, zoloft, ritalin, truvada, suboxone, abilify, haldol, effexor, stilnox
"""

STEMS = """
prazole, statine, statin, sartan, olol, cilline, cillin, mycine, mycin, floxacine, floxacin, cycline, azépam, azepam,
azolam, oxétine, oxetine, triptan, gliptine, gliptin, gliflozine, glutide, parine, xaban, umab, ximab, zumab, ixumab,
tinib, conazole, nidazole, profène, profen, dipine, lukast, sétron, setron, trexate, ciclovir, fovir, tégravir, platine,
taxel, rubicine, cortisone, nisolone, thyroxine, barbital, peridol, péridone, tadine
"""
