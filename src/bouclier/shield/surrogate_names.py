"""Names to put in place of names: first names by gender and origin, surnames by origin. A table, chosen by hand.

They are common names of living languages, in no relation with each other: a first name and a surname drawn together
are nobody's in particular. Names that are also ordinary words or towns are left out. Each list has some that begin with
a vowel, for those that do.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Gender(StrEnum):
    """The gender a first name is mostly given to."""

    FEMININE = "f"
    MASCULINE = "m"


class Origin(StrEnum):
    """Where a name is mostly given: only so that what replaces it reads alike."""

    FRENCH = "french"
    EUROPEAN = "european"
    MAGHREBI = "maghrebi"
    AFRICAN = "african"
    ASIAN = "asian"


_F, _M = Gender.FEMININE, Gender.MASCULINE

_FIRST_NAMES: Final = {
    (Origin.FRENCH, _F): """
        Agathe Albane Amandine Apolline Aurélie Bénédicte Capucine Cécile Clémence Coralie Delphine Élodie
        Émeline Estelle Eugénie Faustine Gaëlle Hélène Héloïse Inès Joséphine Juliette Laetitia Léonie Mathilde
        Maud Mélanie Noémie Océane Pauline Raphaëlle Solène Sylvie Tiphaine Valentine
    """,
    (Origin.FRENCH, _M): """
        Adrien Alexis Amaury Antonin Augustin Aurélien Bastien Benoît Corentin Damien Édouard Émilien Éric
        Étienne Fabien Florent Gaspard Gauthier Grégoire Guillaume Hugo Jérôme Julien Loïc Ludovic Mathis
        Maxence Nicolas Quentin Rémi Romain Sylvain Thibault Tristan Valentin
    """,
    (Origin.EUROPEAN, _F): """
        Agnieszka Alessia Annika Beatriz Carlotta Dorota Elena Francesca Greta Helga Ingrid Jolanta Katarina
        Lucia Magdalena Natalia Paola Sofia Svenja
    """,
    (Origin.EUROPEAN, _M): """
        Alessandro Andrzej Anders Bjorn Carlos Dimitri Emilio Enrico Fernando Goran Henrik Joao Klaus Lorenzo
        Matteo Niklas Pavel Rodrigo Stefano Wojciech
    """,
    (Origin.MAGHREBI, _F): """
        Amina Asma Dalila Farida Ghizlane Hanane Ikram Khadija Leïla Nadia Samira Yasmine Zineb
    """,
    (Origin.MAGHREBI, _M): """
        Abdelkrim Amine Anis Ayoub Bilal Fouad Hicham Jamel Karim Mehdi Nabil Rachid Sofiane Younes
    """,
    (Origin.AFRICAN, _F): """
        Adama Aminata Awa Bintou Fatoumata Kadiatou Mariama Ndeye Oumou Rokhaya
    """,
    (Origin.AFRICAN, _M): """
        Abdoulaye Alioune Boubacar Cheikh Djibril Ibrahima Kouamé Mamadou Modibo Ousmane Seydou Tidiane
    """,
    (Origin.ASIAN, _F): """
        Aiko Anjali Hanh Haruka Jiayi Kavita Linh Meiling Priya Sunhee Thuy Yumi
    """,
    (Origin.ASIAN, _M): """
        Akira Anh Arjun Daisuke Duc Hiroshi Jianguo Kenji Minho Rajesh Tuan Vikram Wei
    """,
}
_SURNAMES: Final = {
    Origin.FRENCH: """
        Abadie Achard Allard Amelin Amiot Ancelin Andrieux Archambault Arnaudin Arnoult Astier Aubertin Audebert
        Audouin Auffray Augereau Aymard Barrault Bastide Baudoin Bellanger Bérard Besnard Bessière Blondeau
        Boisselier Bonnefoy Bouchard Bourdin Bouvier Brossard Cadiou Carlier Castagnet Chabrol Chauvet Chevrier
        Clavel Cochet Collignon Cordelier Couderc Courtois Crépin Daguerre Dauphin Delaunay Delcourt Delmas
        Descamps Desprez Devaux Doucet Drouet Dubreuil Duchesne Ducrocq Dufresne Dumoulin Duperray Duvivier
        Émery Escoffier Esnault Estève Etcheverry Évrard Fabre Fauvel Ferrand Fleury Fombonne Foucault Fournel
        Frémont Galland Garnier Gaudin Gérard Germain Gilbert Girardin Godard Gosselin Goujon Grandjean Granger
        Grenier Grosjean Guibert Guichard Guillemin Hamelin Hébrard Hervieu Imbert Isnard Jacquet Jamet Jaubert
        Jolivet Jourdain Labarthe Lacoste Lacroix Lambert Langlois Larrieu Launay Lebreton Lecoq Leduc Lefebvre
        Lemaître Leroux Levasseur Lhomme Loiseau Magnier Maillard Malaval Marchal Marécaux Masson Maugendre
        Mazurier Ménard Mercadier Michelet Monnier Montagnac Morvan Mouret Navarre Noblet Ollivier Oudin
        Paillard Parmentier Pasquier Pélissier Perrault Peyron Pichon Poirier Poncet Pradeau Prévost Quéméner
        Ragot Rambaud Raynaud Rivoire Rolland Rousselet Sabatier Salmon Sauvage Savary Ségalen Sicard Soubeyran
        Tardieu Teissier Thévenet Tisserand Tournier Vacher Valade Vasseur Verdier Vernet Viallet Vidalie
        Villard Voisin
    """,
    Origin.EUROPEAN: """
        Ahlgren Almeida Andersson Bianchi Castellani Eriksson Esposito Fernandez Ferreira Gruber Hoffmann
        Jankowski Jensen Kowalczyk Lindqvist Marinescu Moretti Novak Oliveira Olsen Petrovic Ricci Schneider
        Sorensen Vandenberg Vasquez Wagner Zielinski
    """,
    Origin.MAGHREBI: """
        Amrani Amrouche Belkacem Benali Bensaïd Bouazza Boukhari Chaoui Cherkaoui Djebbar Ferhat Guerroudj
        Haddad Idrissi Khelifi Lahlou Mansouri Meziane Ouali Ouazzani Saadi Tazi Zerrouki
    """,
    Origin.AFRICAN: """
        Adeyemi Ba Camara Cissé Coulibaly Diakité Dembélé Diop Fofana Kamara Konaté Koné Mbaye Ndiaye Obiang
        Okafor Ouattara Sanogo Sissoko Sow Touré Traoré Zongo
    """,
    Origin.ASIAN: """
        Agarwal Aoki Chen Dang Fujimoto Gupta Huang Inoue Iyer Kobayashi Mehta Nakamura Nguyen Pham Sharma
        Takahashi Tran Vuong Yamada Zhang
    """,
}

FIRST_NAMES: Final = {place: tuple(names.split()) for place, names in _FIRST_NAMES.items()}
SURNAMES: Final = {origin: tuple(names.split()) for origin, names in _SURNAMES.items()}
