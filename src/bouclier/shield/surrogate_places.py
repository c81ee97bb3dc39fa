"""Towns, streets and organisations to put in place of others: made up, in the manner of real ones."""

from __future__ import annotations

from typing import Final

TOWNS: Final = tuple(
    name.strip()
    for name in """
    Arvillers-le-Bois; Aubremont; Bellecombe-sur-Aure; Berneville; Boissey-les-Prés; Bréval-en-Plaine; Brissac-le-Haut;
    Cambréal; Champrond; Charmeville; Châtelneuf-sur-Orge; Clairmarais-le-Vieux; Condreuil; Corvigny; Courtavel;
    Domfeuille; Écourcelles; Espalis; Fontanières; Franqueval; Gercourt-la-Forêt; Grandlieu-les-Bains; Hauterive-en-Val;
    Jonquevillers; Lamerval; Lanvélec; Lignerolles-sur-Mer; Longcombe; Luzarge; Maisonval; Marsillac-les-Eaux;
    Mérindieu; Montreval; Montferrat-la-Tour; Noirlac-le-Petit; Orvillers; Pierrelongue; Plouvénan; Pontarlay;
    Prémontré-les-Monts; Quincerot-sur-Vaise; Ribemontel; Rochevert; Rouvrelles; Saint-Aubert-les-Mines;
    Saint-Férric; Saint-Gildas-en-Brie; Sainte-Mélaine-du-Lac; Salverac; Servance-le-Château; Sombreval; Tournemire-Bas;
    Treignelles; Vaudricourt-en-Barre; Verneuillet; Vieilleroche; Villaudric-la-Neuve; Villersexe; Vouziès; Yvremont
    """.replace("\n", " ").split(";")
)

STREETS: Final = tuple(
    name.strip()
    for name in """
    rue des Tilleuls; rue du Lavoir; chemin des Aubépines; allée des Noisetiers; rue de la Fontaine; impasse du Verger;
    avenue des Marronniers; rue des Glycines; place du Puits; rue du Vieux-Four; boulevard des Acacias;
    rue des Alouettes; chemin de la Garenne; rue des Vanniers; quai des Mariniers; rue de la Corderie;
    allée des Charmes; rue du Colombier
    """.replace("\n", " ").split(";")
)

ORGANISATIONS: Final = tuple(
    name.strip()
    for name in """
    Ateliers Corvel; Assurances Mirandelle; Association Les Quatre Vents; Banque Ferdonnet; Bureau Taillandier; Cabinet
    Ormesson-Vial; Centre Belroche; Clinique des Ormeaux; Collectif Rive Haute; Compagnie Sauvigny; Conserverie
    Tréguenec; Coopérative du Val Clair; Établissements Marsaud; Fédération Horizon Plein; Filature Delvigne; Fondation
    Carroy; Fonderie Lescot; Foyer Beauregard; Garage Montauzan; Groupe Altavie; Imprimerie Castelbon; Institut
    Valmorin; Laboratoire Sérignac; Laiterie des Trois Monts; Librairie du Passage Vert; Logistique Brévent; Maison
    Courvoisel; Manufacture Roncevel; Menuiserie Aubrac-Nord; Mutuelle Solvane; Papeterie Grandval; Pépinières Orlhac;
    Pharmacie du Beffroi; Polyclinique Sainte-Ysoie; Résidence Les Ajoncs; Scierie Montjoly; Société Verdanel; Studio
    Lumignac; Syndicat Terre Haute; Transports Guérigny; Verrerie Saint-Orens; Vignobles Castéran
    """.replace("\n", " ").split(";")
)
