// What every page has, in one answer: pole.files.static_storage writes each script in its place.
import "./offline.js";
import "./share.js";
import "./results.js";
import "./filters.js";
