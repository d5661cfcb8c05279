// Whoever comes next on this device finds nothing of the votes of who signs out.
import { forgetBeforeSending } from "./forget.js";

for (const form of document.querySelectorAll("[data-sign-out]")) forgetBeforeSending(form);
