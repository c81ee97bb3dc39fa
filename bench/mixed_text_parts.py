"""What `mixed_text` is made of: names, places, and pieces of sentences. Invented, or common words."""

from __future__ import annotations

FIRST_NAMES = (
    "Amélie", "Baptiste", "Camille", "Damien", "Élodie", "Fabrice", "Gaëlle", "Hugo", "Inès", "Jérôme", "Karim",
    "Laure", "Mathilde", "Nicolas", "Océane", "Pascal", "Quentin", "Rachida", "Sylvain", "Thérèse", "Ugo", "Valérie",
    "Xavier", "Yasmine", "Zoé", "Marie-Claude", "Jean-Philippe", "Aminata", "Bérénice", "Cédric", "Denise", "Étienne",
    "Françoise",
)  # fmt: skip
LAST_NAMES = (
    "Aubrac", "Bellanger", "Chauvet", "Delmas", "Esposito", "Fournel", "Guichard", "Hamidi", "Issartel", "Jacquemin",
    "Kervadec", "Lemoine", "Marchetti", "Nouvel", "Ollivier", "Perrichon", "Quesnel", "Rocher", "Sanchis", "Tardieu",
    "Urbain", "Vasseur", "Weiss", "Yvernault", "Zermati", "Le Guen", "De La Tour", "Diallo", "Nguyen", "Morel-Dubois",
    "Petitjean", "Roussillon", "Traoré", "Beaumont", "Charpentier", "Lagarde", "Fontanel", "Gaillard",
)  # fmt: skip
TOWNS = (
    ("Angers", "49000"), ("Besançon", "25000"), ("Colmar", "68000"), ("Dieppe", "76200"), ("Épinal", "88000"),
    ("Foix", "09000"), ("Guéret", "23000"), ("Hyères", "83400"), ("Issoire", "63500"), ("Joigny", "89300"),
    ("Laval", "53000"), ("Mâcon", "71000"), ("Nevers", "58000"), ("Orthez", "64300"), ("Privas", "07000"),
    ("Quimper", "29000"), ("Rodez", "12000"), ("Saint-Flour", "15100"), ("Tulle", "19000"), ("Ussel", "19200"),
    ("Vesoul", "70000"), ("Yvetot", "76190"), ("Montauban", "82000"), ("La Rochelle", "17000"),
    ("Le Puy-en-Velay", "43000"),
)  # fmt: skip
STREETS = (
    "rue des Tilleuls", "avenue Jean-Jaurès", "boulevard Victor-Hugo", "place du Marché", "chemin du Moulin",
    "rue de la République", "impasse des Lilas", "allée des Érables", "quai de la Marne", "route de Lyon",
    "rue du Général-Leclerc", "cours Gambetta", "rue Pasteur", "avenue de la Gare", "square des Acacias",
)  # fmt: skip
SERVICES = (
    "Direction départementale des territoires", "Caisse primaire d'assurance maladie", "Préfecture du département",
    "Service de l'état civil", "Direction des finances publiques", "Centre communal d'action sociale",
    "Rectorat de l'académie", "Agence régionale de santé", "Conseil départemental", "Tribunal judiciaire",
    "Office public de l'habitat", "Centre hospitalier intercommunal", "Service des ressources humaines",
)  # fmt: skip
ROLES = (
    "Directrice adjointe", "Chef de bureau", "Responsable du service", "Gestionnaire de dossiers",
    "Attachée principale", "Inspecteur", "Conseillère", "Secrétaire de mairie", "Greffière", "Assistante sociale",
    "Ingénieur territorial",
)  # fmt: skip
MATTERS = (
    "votre demande d'aide au logement", "instruction du permis de construire", "suite donnée à votre réclamation",
    "convocation à un entretien", "rappel de cotisations", "notification de décision", "renouvellement de votre titre",
    "marché de restauration collective", "programmation pluriannuelle des travaux", "recours gracieux",
    "évaluation des politiques d'insertion", "répartition des crédits de fonctionnement", "compte rendu de la réunion",
)  # fmt: skip
QUESTIONS = (
    "Résume le document ci-dessous en dix lignes.", "Peux-tu rédiger une réponse à ce courrier ?",
    "Que faut-il vérifier avant de signer ?", "Traduis ce texte en anglais.", "Relève les échéances de ce dossier.",
)  # fmt: skip
DOMAINS = ("example.fr", "mairie.example.fr", "courriel.example.org", "dept.example.fr")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
PLAIN = str.maketrans("àâäçéèêëîïôöùûü'", "aaaceeeeiioouuu-")

OPENINGS = (
    "À ce titre,", "Par ailleurs,", "En conséquence,", "Dans ce cadre,", "Selon le rapport,",
    "À la suite de cet échange,", "Pour l'exercice en cours,", "Sous réserve de nouvelles pièces,",
    "En application du règlement,", "Cette année,", "Après examen du dossier,", "Conformément à la convention,",
    "Comme convenu,", "En pratique,", "Au second semestre,", "De manière générale,", "Malgré ces efforts,",
    "Sur ce point,", "Depuis la réforme,", "À titre exceptionnel,", "Il apparaît que", "Il est rappelé que",
    "On observe que", "Les services notent que", "Nous constatons que",
)  # fmt: skip
SUBJECTS = (
    "la commission", "le conseil municipal", "la direction", "le bénéficiaire", "l'administration", "le demandeur",
    "chaque établissement", "le comité de suivi", "l'ensemble des agents", "le prestataire retenu", "la collectivité",
    "le service instructeur", "l'assemblée délibérante", "le groupe de travail", "la mission d'inspection",
    "le propriétaire", "l'organisme payeur", "le juge de l'exécution", "la caisse", "le représentant de l'État",
    "la Cour des comptes", "l'INSEE", "le ministère de l'Intérieur", "la région Occitanie", "le Conseil d'État",
    "France Travail", "la société Bâtipont", "l'association Les Amis du Canal", "la Croix-Rouge",
    "l'université de Tours", "l'équipe soignante", "le syndicat mixte", "la régie", "le maître d'ouvrage",
    "l'opérateur public",
)  # fmt: skip
ACTIONS = (
    "examine", "a validé", "demande de compléter", "ne peut modifier", "propose de reporter", "a transmis", "vérifie",
    "doit actualiser", "contrôle régulièrement", "a sensiblement réduit", "finance en partie", "souhaite préciser",
    "prend en charge", "a mis en place", "suspend pour l'instant", "a relevé plusieurs écarts dans", "organise",
    "maintient", "publie chaque année", "peut contester", "prépare", "a signé", "renforce", "évalue", "simplifie",
)  # fmt: skip
OBJECTS = (
    "les pièces justificatives", "le calendrier des travaux", "les conditions d'attribution", "le plan de financement",
    "les modalités de versement", "la procédure d'orientation", "les indicateurs de suivi",
    "le barème des participations", "l'offre de soins de proximité", "le schéma de mobilité",
    "les dépenses de personnel", "la liste des équipements", "le registre des délibérations", "l'accueil du public",
    "le contrat de délégation", "les prévisions de recettes", "la convention d'objectifs", "les frais de déplacement",
    "la qualité de l'eau distribuée", "le projet de service", "les délais de traitement", "la carte scolaire",
    "les risques d'inondation", "l'inventaire du patrimoine bâti",
)  # fmt: skip
CIRCUMSTANCES = (
    "avant la fin du trimestre", "dans un délai de deux mois", "sans préjudice des autres recours",
    "pour tout le territoire", "en lien avec les partenaires", "au vu des éléments produits",
    "dans la limite des crédits ouverts", "par voie électronique", "à compter de la notification",
    "lors de la prochaine séance", "avec l'appui des services de l'État", "pour les quartiers concernés",
    "après consultation des usagers", "au titre de la solidarité", "de façon concertée", "selon les mêmes modalités",
    "dans les communes rurales", "pour les familles modestes", "en cas de changement de situation",
    "dans le département de la Creuse", "entre Nantes et Saint-Nazaire", "au siège de Limoges", "en Bretagne",
    "auprès de la Commission européenne", "à l'hôpital Bretonneau", "chaque fois que nécessaire",
    "sur la base d'un rapport annuel", "en dehors des périodes de congés",
)  # fmt: skip
ENDS = (
    ".", ".", ".", ", ce qui appelle une vigilance particulière.", ", comme l'an dernier.", ", sauf avis contraire.",
    ", et en rend compte.", ", dont le coût reste à préciser.", " ; cette mesure est réversible.",
    ", à effectif constant.", ", ainsi qu'il est d'usage.", ", pour un montant de 12 400 euros.",
    ", soit une hausse de 3,2 %.",
)  # fmt: skip
VERBS = ("compute", "load", "merge", "check", "render", "split", "collect", "update", "parse", "export")
NOUNS = (
    "invoice",
    "budget",
    "record",
    "token",
    "ledger",
    "region",
    "archive",
    "measure",
    "payment",
    "session",
    "report",
)
