"""What else GDPR articles 8 to 10 protect, in words: belief, opinion, union, sex life, origin, body, genes, offence.

French then English. Terms are parted by commas, in lower case and with their accents; `[a|b]` stands for either. They
say something of somebody, or are dropped when nobody is there (see `linkage`): the name of a party or of a union alone
is not here, belonging to one is. Written for this project from general knowledge.
"""

from __future__ import annotations

RELIGION = """
musulman[|e], catholique, protestant[|e], juif, juive, israélite, chrétien[|ne], bouddhiste, hindouiste, de religion
hindoue, sikh, athée, agnostique, chrétien[|ne] orthodoxe, de confession [|chrétienne ][orthodoxe|évangélique],
témoin[|s] de jéhovah, mormon[|e], scientologue, chiite, sunnite, salafiste, ramadan, shabbat, sabbat, casher, kascher,
halal, voile islamique, foulard islamique, porte[|r] le voile, hijab, kippa, convertie, converti[|e] [à l'islam|au
judaïsme|au christianisme|au catholicisme|au bouddhisme|au protestantisme], [sa|ma|de] confession,
[sa|ma|ses|mes] conviction[|s] religieuse[|s], convictions religieuses, conviction religieuse, croyances religieuses,
[sa|ma] religion, pratique religieuse, religion musulmane, pratiquant[|e], croyant[|e], apostasie, va à la messe,
va à la mosquée, va à la synagogue, baptisé[|e], franc-maçon, franc-maçonne, adepte de, secte,
muslim, jewish, is a christian, am a christian, was a christian, born-again christian, devout christian, practising
christian, coptic christian, a [roman |]catholic, is catholic, am catholic, a hindu, is hindu, a sikh, is sikh,
buddhist, atheist, agnostic, jehovah's witness, jehovah’s witness, mormon, scientologist, orthodox jew, is a jew,
quaker, [converted|conversion|convert] to [islam|christianity|judaism|buddhism|catholicism|hinduism], keeps kosher,
keep kosher, ramadan, islamic headscarf, [his|her|my|their] religious beliefs, [his|her|my|their] religion,
[his|her|my|their] faith, religious conviction[|s], baptised, goes to mass, apostasy, of the muslim faith,
[va|vais|allait|fréquente|fréquentait] [à |][la |l'][mosquée|église|synagogue|pagode], [crois|croit|croyait|croire] en
dieu,
est [imam|pasteur|diacre|rabbin|prêtre|curé|moine|religieuse], église évangélique, évangélique, pentecôtiste,
adventiste,
[mange pas|sans|jamais] de porc, carême, première communion, jeûne du, pèlerinage, la mecque, bar-mitsva, prière[|s],
[goes|go|went|going] to [|the ][mosque|church|synagogue|gurdwara|temple], attend[|s|ed] [|the
][mosque|church|synagogue],
[believe|believes|believed] in god, is an imam, is a pastor, is a rabbi, is a priest, evangelical, pentecostal, baptist,
methodist, anglican, hijab, niqab, bar mitzvah, religious beliefs
"""

_PARTIES_FR = (
    "parti socialiste|parti communiste|rassemblement national|front national|la france insoumise|les républicains|"
    "les verts|europe écologie|renaissance|modem|nouveau parti anticapitaliste|lutte ouvrière|reconquête|"
    "debout la france|union populaire républicaine|place publique"
)
_PARTIES_EN = (
    "labour|conservative|liberal democrat|green|communist|republican|democratic|socialist|scottish national|reform|"
    "kurdistan workers'|national"
)
POLITICS = f"""
adhérent[|e] [du|au|à|de|des|chez] [{_PARTIES_FR}], adhérent[|e] [d'un|de ce|du|au] parti,
membre [du|de|des] [{_PARTIES_FR}], membre [d'un|de ce|du] parti, encarté[|e], [carte|cotisation] [du|de son] parti,
milit[e|ait|é|ant|er] [à|au|pour|chez|contre|dans|en faveur], militant[|e] [politique|communiste|socialiste|écologiste|
nationaliste|anarchiste|d'extrême droite|d'extrême gauche|de gauche|de droite|antifasciste|identitaire|du|de la|des],
sympathisant[|e] [du|de la|de l'|des|communiste|socialiste|écologiste], vot[e|é|ait|er] [|pour |à ][{_PARTIES_FR}],
vot[e|é|ait] [à gauche|à droite|blanc|front|macron|le pen|mélenchon|pour le maire|pour le candidat|écologiste],
vot[e|é|ait] [communiste|socialiste], opinion[|s] politique[|s], convictions politiques, engagement politique,
activités politiques, étiquette politique, sensibilité politique, idées politiques,
candidat[|e] sur [une|la] liste, figur[e|ait] sur [une|la] liste [communiste|socialiste|écologiste],
est de [gauche|droite], suis de [gauche|droite], d'[extrême droite|extrême gauche|ultradroite|ultragauche],
proche [du|de la|des] [{_PARTIES_FR}], royaliste, anarchiste, communiste, trotskiste, gaulliste,
[a |]member of the [{_PARTIES_EN}] party, [vote|voted|votes]
[labour|conservative|tory|liberal|green|republican|democrat|
for the|leave|remain], political opinion[|s], political belief[|s], political views, political activist,
political affiliation, political activities, registered [republican|democrat|voter], party member, communist,
supporter of the [{_PARTIES_EN}] party, campaigned for, anarchist, far-right activist, far-left activist,
[sa|ma|la|une] carte [au|du|de la|à la|chez] [ps|pcf|rn|lfi|lr|eelv|fn|{_PARTIES_FR}], liste du parti, liste
[communiste|
socialiste|écologiste|du rassemblement national|lfi], gilets jaunes, parti politique, opposant[|e] politique,
manifest[e|
é|ait] [contre|avec|pour|tous], meeting [du|de], collage d'affiches, colle des affiches, au conseil national du parti,
parti d'opposition, for the [conservatives|greens|democrats|republicans|liberal democrats|tories], canvassed,
political party, political prisoner, dissident, opposition [party|activist|supporter], demonstrations against
"""

_UNIONS = "cgt|cfdt|fo|force ouvrière|cfe-cgc|cftc|unsa|sud|solidaires|fsu|snes|snuipp|usm|fnsea|confédération paysanne"
UNION = f"""
délégué[|e] [syndical|syndicale|{_UNIONS}], adhérent[|e] [|à la |à |au |de la |de |chez |du ][{_UNIONS}|syndicat],
adhérent[|e] d'un syndicat, adhère [à la|à|au] [{_UNIONS}|syndicat], syndiqué[|e], représentant[|e] syndical[|e],
représentante [syndicale|{_UNIONS}], représentant [{_UNIONS}], militant[|e] [syndical|syndicale|{_UNIONS}|syndicaliste],
syndicaliste, [mon|son|leur] syndicat, carte syndicale, mandat[|s] syndica[l|ux], élu[|e] [{_UNIONS}],
liste [{_UNIONS}], activité[|s] syndicale[|s], appartenance syndicale, affiliation syndicale, engagement syndical,
décharge syndicale, heures de délégation syndicale, cotisation[|s] syndicale[|s], cotise [à la|au] [{_UNIONS}|syndicat],
membre [d'un|du|de son] syndicat, secrétaire [de la section syndicale|du syndicat], section syndicale, discrimination
syndicale, responsable syndical[|e], permanent[|e] syndical[|e], encarté[|e] [{_UNIONS}|à la {_UNIONS}],
trade union member, union member, member of [a|the|his|her|my] [|trade ]union, member of a trade union, shop steward,
union [representative|rep|delegate|organiser|organizer|steward|official|activist|activities|membership|dues],
trade union [representative|activist|activities|membership|official|leader], joined [the|a|my|his|her] [|trade ]union,
unionised, unionized, [my|his|her] union, trade unionist, belongs to a union,
[pour|à] la [cgt|cfdt|cftc|cfe-cgc|fsu], [chez|pour] [fo|force ouvrière|sud|solidaires|unsa], gréviste[|s], fait
grève, faire
grève, en grève, élu[|e] au cse, [au|du] bureau du syndicat, [unison|unite|gmb|usdaw|rmt|nasuwt] [rep|member|steward|
official], on strike, went on strike, union branch, collective bargaining
"""

SEX_LIFE = """
homosexuel[|le], homosexualité, lesbienne, gay, bisexuel[|le], bisexualité, transgenre, transsexuel[|le],
transsexualité, hétérosexuel[|le], non-binaire, intersexe, intersexué[|e], pansexuel[|le], asexuel[|le], travesti[|e],
orientation sexuelle, identité de genre, vie sexuelle, pratiques sexuelles, transition de genre, changement de sexe,
réassignation sexuelle, femme trans, homme trans, personne trans, dysphorie de genre, rapports sexuels, relation[|s]
sexuelle[|s], relation extraconjugale, liaison extraconjugale, adultère, prostitué[|e], se prostitue, prostitution,
libertin[|e], fétichiste, échangiste, addiction sexuelle,
homosexual, homosexuality, lesbian, bisexual, bisexuality, transgender, transsexual, heterosexual, non-binary, intersex,
is gay, am gay, was gay, gay man, gay woman, is queer, am queer, pansexual, asexual, trans woman, trans man, is trans,
sexual orientation, gender identity, gender reassignment, gender dysphoria, sex life, sexual relations, sexual
relationship, extramarital affair, had an affair, sex worker, came out as,
me prostitue, se prostituait, escort[|-girl], son orientation, coming out, coming-out,
same-sex partner, same-sex relationship, prostitute, prostitution, gay
"""

_ADJECTIVES_FR = (
    "algérienne|marocaine|tunisienne|libyenne|égyptienne|malienne|sénégalaise|ivoirienne|guinéenne|camerounaise|"
    "congolaise|gabonaise|togolaise|béninoise|nigériane|nigérienne|tchadienne|comorienne|malgache|mauricienne|"
    "éthiopienne|érythréenne|somalienne|soudanaise|rwandaise|burundaise|angolaise|cap-verdienne|haïtienne|antillaise|"
    "guadeloupéenne|martiniquaise|réunionnaise|kanak|turque|kurde|arménienne|syrienne|libanaise|palestinienne|"
    "israélienne|irakienne|iranienne|afghane|pakistanaise|indienne|bangladaise|sri-lankaise|tamoule|chinoise|"
    "vietnamienne|cambodgienne|laotienne|thaïlandaise|philippine|japonaise|coréenne|mongole|russe|ukrainienne|"
    "tchétchène|géorgienne|moldave|roumaine|bulgare|serbe|bosniaque|kosovare|albanaise|macédonienne|polonaise|hongroise|"
    "portugaise|espagnole|italienne|grecque|brésilienne|colombienne|péruvienne|mexicaine|maghrébine|africaine|"
    "subsaharienne|asiatique|arabe|juive|berbère|kabyle|rom|tzigane|étrangère|ethnique|européenne"
)
_ADJECTIVES_EN = (
    "african|nigerian|ghanaian|kenyan|somali|ethiopian|eritrean|sudanese|congolese|algerian|moroccan|tunisian|egyptian|"
    "libyan|turkish|kurdish|armenian|syrian|lebanese|palestinian|israeli|iraqi|iranian|afghan|pakistani|indian|"
    "bangladeshi|tamil|chinese|vietnamese|cambodian|thai|filipino|japanese|korean|russian|ukrainian|chechen|georgian|"
    "romanian|bulgarian|serbian|bosnian|albanian|polish|hungarian|portuguese|caribbean|jamaican|haitian|mexican|"
    "hispanic|latino|asian|arab|jewish|roma|gypsy|romani|mixed|foreign|minority|ethnic"
)
ORIGIN = f"""
d'origine[|s] [{_ADJECTIVES_FR}], de l'ethnie, à l'ethnie, d'ethnie, ethnie [peule|peul|bambara|wolof|hutu|tutsi|
haoussa|touareg|soninké|malinké|bamiléké|kurde|ouïghoure|rom|tamoule|hazara|pachtoune], origine ethnique,
appartenance ethnique, origine raciale, race noire, race blanche, métis[|se], maghrébin[|e], tzigane, tsigane, manouche,
gitan[|e], est rom, famille rom, communauté rom, femme rom, homme rom, jeune rom, gens du voyage, berbère, kabyle,
tutsi,
hutu, peul, peule, touareg, ouïghour[|e], hazara, [est|suis] [noir|noire|arabe|maghrébin|asiatique|métis],
homme noir, femme noire, de couleur, couleur de peau, peau noire, type [nord-africain|africain|maghrébin|
européen|asiatique|méditerranéen], issu[|e] de l'immigration, afrodescendant[|e],
of [{_ADJECTIVES_EN}] [origin|descent|heritage|ethnicity|background], ethnic origin, ethnic minority, racial origin,
african american, african-american, afro-caribbean, mixed race, black man, black woman, white man, white woman,
[is|am|was] [black|roma|arab], skin colour, skin color, romani, gypsy, ethnic
[kurd|roma|serb|albanian|hungarian|russian|
tamil|hazara|uyghur|armenian],
ethnic [{_ADJECTIVES_EN}|chechen|uyghur|hazara|tigrayan|oromo|rohingya|pashtun|tajik], ethnically
"""

BIOMETRIC = """
empreinte[|s] digitale[|s], empreinte[|s] palmaire[|s], empreinte vocale, empreinte rétinienne, reconnaissance faciale,
reconnaissance de l'iris, reconnaissance veineuse, scan de [l'iris|son iris|mon iris], contour de la main, gabarit[|s]
biométrique[|s], donnée[|s] biométrique[|s], relevé d'empreintes,
relevés d'empreintes, badge biométrique, photo biométrique, passage au faed, au faed,
fingerprint[|s], fingerprinted, palm print[|s], voiceprint, facial recognition, face recognition, face template,
iris scan, retina scan, biometric [data|template|profile|sample|information], faceprint
"""

GENETIC = """
test[|s] adn, test[|s] génétique[|s], empreinte[|s] génétique[|s], profil[|s] génétique[|s], profil adn, prélèvement
adn,
prélèvement[|s] génétique[|s], adn de, son adn, mon adn, mutation brca1, mutation brca2, mutation génétique, mutation du
gène, gène brca1, gène brca2, prédisposition génétique, anomalie génétique, anomalie chromosomique, caryotype,
trisomie 21, trisomie, trisomique, porteur du gène, porteuse du gène, porteur sain, porteuse saine, fnaeg, génotype,
séquençage de l'exome, séquençage du génome, conseil génétique, consultation de génétique, maladie génétique,
test de paternité, translocation, microdélétion, syndrome de l'x fragile,
dna [test|profile|sample|sequence|swab], dna evidence, my dna, his dna, her dna, genetic [test|testing|mutation|
predisposition|profile|disorder|counselling|data|marker], brca1 mutation, brca2 mutation, brca1, brca2, karyotype,
genotype, trisomy, paternity test, carries the gene, carrier of the gene, gene mutation,
porteu[r|rs|se|ses] [du gène|de la mutation|d'une mutation|d'un gène|sain|saine], gène de, gène du, héréditaire,
dépistage génétique, analyse génétique, hereditary, genetic screening, genetic condition
"""

_CRIMES_FR = (
    "vol|violence|violences|viol|agression|escroquerie|fraude|meurtre|assassinat|homicide|recel|harcèlement|menaces|"
    "outrage|rébellion|trafic|détention|usage|conduite|abus|blanchiment|corruption|faux|terrorisme|association|"
    "travail dissimulé|proxénétisme|pédophilie|enlèvement|séquestration|destruction|dégradation|port d'arme|"
    "stupéfiants|non-représentation|diffamation|injure|extorsion|chantage|exhibition|inceste|coups"
)
_CRIMES_EN = (
    "theft|stealing|robbery|burglary|fraud|murder|manslaughter|assault|rape|drug|possession|drink|drunk|driving|"
    "shoplifting|arson|kidnapping|harassment|stalking|forgery|perjury|blackmail|bribery|corruption|money|tax|"
    "an offence|offences|aggravated|attempted|conspiracy|incitement|sexual|domestic|terrorism|"
    "grievous|causing|membership"
)
OFFENCE = f"""
condamné[|e] [à|au|pour|pénalement|par le tribunal|en première|en appel|en correctionnelle|définitivement],
condamnation[|s] pénale[|s], condamnation [à|pour], condamne [m.|mme|monsieur|madame], mis[|e] en examen, casier
judiciaire, garde à vue, gardé[|e] à vue, détention provisoire, placé[|e] en détention, incarcéré[|e], incarcération,
écroué[|e], détenu[|e], prison avec sursis, prison ferme, peine d'emprisonnement, ans de prison, mois de prison,
ans d'emprisonnement, mois d'emprisonnement, jours-amende, [sorti|sortie|sort|sortant|sortir] de prison, [fait|faire]
de la
prison, est en prison, était en prison, emprisonné[|e], bracelet électronique, contrôle judiciaire, sursis probatoire,
mise à l'épreuve, liberté conditionnelle, libération conditionnelle, semi-liberté, travail d'intérêt général,
antécédents
judiciaires, passé judiciaire, fiché[|e] s, fiché[|e] au, fijais, connu[|e] des services de police, défavorablement
connu[|e], connu[|e] de la justice, interpellé[|e], arrêté[|e] [pour|par la police|par les gendarmes|en flagrant],
arrêtée pour, coupable, poursuivi[|e] pour, [accusé|accusée|soupçonné|soupçonnée|suspecté|suspectée|inculpé|
inculpée] [d'avoir|pour], [accusé|accusée|soupçonné|soupçonnée] de [{_CRIMES_FR}], pour [{_CRIMES_FR}],
multirécidiviste, récidiviste,
récidive légale, délinquant[|e] sexuel[|le], pédophile, pédocriminel, agresseur sexuel, auteur d'un viol,
rappel à la loi, composition pénale, médiation pénale, comparution immédiate, ordonnance pénale, plainte pour,
mandat de dépôt, mandat d'arrêt, délit de fuite, vol avec [violence|violences|effraction|arme], vol aggravé,
vol à l'étalage, violences [conjugales|volontaires|aggravées|intrafamiliales|habituelles|sexuelles], violence conjugale,
viol[|s], agression[|s] sexuelle[|s], escroquerie, trafic de [stupéfiants|drogue|cannabis|cocaïne|armes], usage de
stupéfiants, détention de stupéfiants, conduite en état [d'ivresse|alcoolique], conduite sous [stupéfiants|l'emprise|
l'empire], abus de [confiance|faiblesse|biens sociaux], abus sexuels, homicide [involontaire|volontaire], meurtre,
assassinat, tentative [de meurtre|d'assassinat|d'homicide|de viol], blanchiment d'argent, faux et usage de faux,
menaces de mort, outrage à agent, détournement de fonds, détournement de mineur, association de malfaiteurs, travail
dissimulé, fraude fiscale, fraude aux, suspension de permis, retrait de permis, excès de vitesse, obligation de
quitter le territoire,
convicted [of|for|on|and], conviction[|s] for, criminal [record|conviction|convictions|past|charges], previous
convictions,
arrested [for|on|in|by|and], charged with [{_CRIMES_EN}],
plead[|s|ed] guilty, pleading guilty, found guilty, guilty of, sentenced to, prison sentence, in prison,
imprisoned, imprisonment, jailed, incarcerated, in custody, police custody, pre-trial detention, detained on
remand, on remand, on parole, on probation, released from prison, suspended sentence, electronic tag, community service
order, sex offender, offender, accused of, suspected of [{_CRIMES_EN}], suspected of having, prosecuted for,
indicted, indictment, police caution, [years'|years’|months'|months’] imprisonment, committed [a crime|an offence|the
offence|{_CRIMES_EN}], arrest warrant, drink driving, drunk driving,
braquage, cambriolage, a volé, ai volé, avoir volé, [a|avoir|avait] frappé, plainte contre, à une amende, amende
[de|pour], contravention, dealer, trafiquant[|e], [en|sa] cellule, [son|un|leur] jugement correctionnel, tribunal
correctionnel,
rixe, ivresse publique, travaux d'intérêt général, sous mandat, en fuite, recherché[|e] par la police, fichier
judiciaire,
cautioned, caution by the police, for [theft|burglary|robbery|murder|fraud|assault|rape|harassment|arson|stalking|
shoplifting|manslaughter|drug dealing|drug trafficking|possession|drunk driving], ex-convict, ex-offender, felony,
misdemeanour, stole, shoplifted, gang member, restraining order
"""

_CLASSES = (
    "cp|ce1|ce2|cm1|cm2|6e|6ème|sixième|5e|5ème|cinquième|4e|4ème|quatrième|3e|3ème|troisième|petite section|"
    "moyenne section|grande section|maternelle|primaire"
)
MINOR = f"""
enfant[|s] mineur[|s], fils mineur, fille mineure, est mineur[|e], suis mineur[|e], mineur[|e] isolé[|e], mineur[|e] non
accompagné[|e], mineur[|e], élève [de|en] [{_CLASSES}], [en|classe de]
[cp|ce1|ce2|cm1|cm2|sixième|6e|6ème|5e|5ème|4e|4ème|
maternelle|petite section|moyenne section|grande section], collégien[|ne], écolier, écolière, lycéen[|ne], nourrisson,
nouveau-né, bébé, à l'aide sociale à l'enfance, pupille de l'état, assistance éducative, juge des enfants,
minor child, is a minor, was a minor, am a minor, underage, toddler, infant, in foster care, foster child,
in [primary|nursery|elementary] school, primary school pupil, in year [1|2|3|4|5|6|7|8|9|10|11], schoolboy, schoolgirl,
in [first|second|third|fourth|fifth|sixth|seventh|eighth] grade, my baby, her baby, unaccompanied minor,
école maternelle, à la crèche, en crèche, école primaire, foyer de l'enfance, adolescent[|e], enfant placé[|e],
teenager, teenage [son|daughter], schoolchild, kindergarten
"""
