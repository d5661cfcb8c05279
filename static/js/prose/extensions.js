// What the configuration of the editor (desk/forms.py) names beside the package's own, some of which these replace.
export { Bold, Code, Italic, Link, Strike } from "./marks.js";
export { InlinePicture, ListItem, Preformatted } from "./blocks.js";
export { CaptionedPicture, PictureCaption } from "./figures.js";
export { Gallery } from "./gallery-bar.js";
export { More } from "./more.js";
export { Note, NoteCall, Notes } from "./notes.js";
export { Paste } from "./paste.js";
export { Table, TableHeader, TableRow } from "./tables.js";
