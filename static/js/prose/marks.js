// The marks of the public schema. What is pasted stays as it was written: asterisks and domains are no formatting.
import { Bold as BaseBold, Code as BaseCode, Italic as BaseItalic, Link as BaseLink, Strike as BaseStrike } from "django-prose-editor/editor";

const asWritten = { addPasteRules: () => [] };

export const Bold = BaseBold.extend(asWritten);
export const Italic = BaseItalic.extend(asWritten);
export const Strike = BaseStrike.extend(asWritten);
export const Link = BaseLink.extend(asWritten);

// A link or an emphasis may be inside, or around.
export const Code = BaseCode.extend({ ...asWritten, excludes: "" });
