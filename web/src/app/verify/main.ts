// The auditor's page begins here.
import "../style.css";
import { fill, h } from "../dom/element.ts";

const root = document.getElementById("app");
if (root) fill(root, h("main", null, h("h1", null, "Nachweis prüfen")));
