// The map of the directory over Leaflet, in one answer: pole.files.static_storage writes it in the place of this line.
import "./map/view.js";
