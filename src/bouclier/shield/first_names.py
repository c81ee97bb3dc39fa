"""First names common in France, case and accents folded: evidence that the capitals before one are a surname.

Left out on purpose: first names that are foremost a word or a place, such as France, Marine, Rose or Victoire.
"""

from __future__ import annotations

_FIRST_NAMES = """
    abdel abdelkader abdou abdoulaye adam adele adeline adrien adrienne agathe agnes ahmed aicha aissa aissatou
    alain alban albane albert alberte alberto alessandro alex alexandra alexandre alexia alexis alfred ali alice
    alicia aline alix aliyah alma aloys amadou amandine amelie amin amina amine amir ana anais anastasia andre
    andrea andreas andree angela angele angeline angelique anissa anita ann anna annabelle anne annette annick annie
    anthony antoine antoinette antonia antonin antonio antony apolline ariane arlette armand armelle arnaud arsene
    arthur assia astrid aude audrey auguste augustin aurelia aurelie aurelien axel axelle aya ayoub azzedine
    baptiste barbara bastien beatrice benedicte benjamin benoit berenice bernadette bernard berthe bertrand bilal
    boris brahim brice brigitte bruno camille carine carla carlos carmen carole caroline caroll catherine cathy
    cecile cecilia cedric celestin celia celine chantal charlene charles charlie charline charlotte cheikh cherif
    chiara chloe christel christelle christian christiane christine christophe cindy claire clara clarisse claude
    claudette claudia claudie claudine clea clelia clemence clement clementine clotilde colette coline come coralie
    corentin corine corinne cyprien cyril cyrille dalila damien daniel daniela daniele danielle danny daphne david
    deborah delphine denis denise diana diane didier dimitri djamel djamila dominique dorian doriane dorothee dylan
    edgar edith edmond edouard elena eleonore eliane elias elie elina eline eliot elisa elisabeth elise elodie elona
    elsa elvire emeline emile emilie emilien emily emma emmanuel emmanuelle enora enzo eric erika ernest erwan
    esteban estelle esther ethan etienne eugene eugenie eva evan eve eveline evelyne ewen fabien fabienne fabrice
    fadila fanny farid farida fatiha fatima fatma fatou fatoumata felicie felix ferdinand fernand fernande fiona
    flavie flavien flora florence florent florentin florian francesca francesco francine francis francisco franck
    francois francoise frank fred frederic frederique gabin gabriel gabriela gabrielle gael gaelle gaetan gaspard
    gaston genevieve geoffrey george georges georgette gerald geraldine gerard germaine ghislain ghislaine gilbert
    gilberte gilles gisele giulia giuseppe gregoire gregory guilhem guillaume gustave guy gwenael gwenaelle
    gwendoline habib hakim hamid hamza hanna hannah hans hassan hayat hector helena helene helenne henri henriette
    henry herve hicham hippolyte hocine honorine hubert hugo hugues huguette ibrahim ibrahima ida idriss ilan ilona
    imane imene ines ingrid irene isaac isabelle ismael issa ivan jacqueline jacques jamal jamila jane janine jason
    jean jeanine jeanne jeannette jeannine jennifer jeremie jeremy jerome jessica jessie jesus jimmy joachim joan
    joanna joao jocelyn jocelyne joel joelle johan johann johanna john johnny jonas jonathan jordan jorge jose josee
    joseph josephine josette joshua josiane josselin joyce juan judith jules julia julian julie julien julienne
    juliette justin justine kader kamel karim karima karine karl kelly kenza kevin khadija khaled khalid killian
    kylian laetitia lahcen laila lamia lana lara laura laure laureen laurence laurent laurette laurine layla lea
    leandre leane leila lena leo leon leona leonard leonie leonore leopold leyla lia liam lila lilia lilian liliane
    lilly lilou lina linda lionel lisa lise lison livia loane loic lola lorenzo lou louane louis louisa louise louna
    luc luca lucas lucette lucie lucien lucienne lucile lucille ludivine ludovic luigi luis luna lydia lydie lyna
    maelle maelys maeva magali magalie maggy mahaut malek malik malika mamadou manon manuel manuela marc marcel
    marceline marcelle marco margaux margot marguerite maria mariam mariama marianne marie marielle marika marina
    mario marion marius marjorie marlene marta marthe martine maryline maryse maryvonne mateo matheo mathias mathieu
    mathilde mathis mathys matteo matthias matthieu maud maude maurice maxence maxime maximilien maya mehdi melanie
    melina melissa melodie melvin michael michel michele micheline michelle mickael miguel mila milan milo mina
    miriam mohamed mohammed moise mona monique morgan morgane mouna mourad moussa muriel mustafa mustapha myriam
    nabil nabila nadege nadia nadine naima nassim natacha natalia nathalie nathan nathanael nawel nejma nelly
    nicolas nicole nina noa noah noam noe noel noelie noemie nolan nolwenn nora norbert nordine nour noura octave
    octavie odette odile olga olivia olivier omar ophelie orane oriane oscar ouassila oumar oumou owen pablo paola
    paolo pascal pascale patrice patricia patrick paul paula paule paulette pauline pedro perrine peter philippe
    philippine pierre pierrette pierrick quentin rabah rachel rachid rachida raoul raphael raphaelle rayan raymond
    raymonde rebecca regine regis remi remy renaud rene renee ricardo richard rita robert roberto robin rodolphe
    rodrigue roger roland rolande romain romane romeo romuald ronan rosa rosalie roxane ruben rudy ryan sabine
    sabrina sacha said saida salim salima salma salome samantha sami samia samir samira samuel samy sandra sandrine
    sara sarah sasha saskia sebastien selena selim selma serge sergio severine sidonie simon simone sixtine slimane
    sofia sofiane sohan solange solene soline sonia sophia sophie soraya stanislas stella stephane stephanie steve
    steven sullivan suzanne suzette sven sylvain sylvaine sylvette sylviane sylvie tatiana teddy teo teresa thais
    thea theo theodore theophile therese thibaud thibault thibaut thierry thomas tiago tifenn timeo timothe timothee
    tina tom tony tristan ulysse valentin valentine valeria valerie valery vanessa vera veronique vianney victor
    victoria victorine vincent virginie viviane vivien wafa walid wassim wendy wilfried william xavier yacine yael
    yamina yan yanis yann yannick yannis yasmina yasmine yassin yassine yoan yoann yohan yohann yolande youcef
    youness youri youssef yusuf yvan yves yvette yvon yvonne zacharie zahra zakaria zelie zineb zoe zohra
"""

FIRST_NAMES = frozenset(_FIRST_NAMES.split())
