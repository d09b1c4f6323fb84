// Looks before the pages start whether this browser has what they need, and says what to do where it has not.
//
// Invariants: the one list of what is needed, each with the first version of Chrome (and Edge), Firefox and Safari that
// has it; features are looked for, never names of browsers; a script that old browsers read, too (ECMAScript 5, no
// module). Where something is missing the pages do not start (`data-too-old`, src/app/supported.ts). What only some
// views use is not here: passkeys (a passphrase instead), camera, offline pages, messages between tabs.
(function (root) {
  "use strict";
  var document = root.document;

  // Words for people, test, Chrome, Firefox, Safari.
  var needs = [
    ["JavaScript modules", function () { return "noModule" in document.createElement("script"); }, 61, 60, 11],
    ["BigInt", function () { return typeof root.BigInt === "function"; }, 67, 68, 14],
    ["IndexedDB", function () { return !!root.indexedDB && typeof root.IDBObjectStore.prototype.getAllKeys === "function"; }, 48, 44, 10.1],
    ["Web Crypto", function () { return typeof root.crypto.getRandomValues === "function"; }, 37, 34, 10.1],
    ["Streams", function () { return typeof root.ReadableStream.prototype.getReader === "function" && "body" in root.Response.prototype; }, 43, 65, 10.1],
    ["Intl", function () { return new root.Intl.DateTimeFormat("de-DE", { dateStyle: "long", timeZone: "Europe/Berlin" }).resolvedOptions().dateStyle === "long"; }, 76, 79, 14.1],
    ["replaceChildren", function () { return typeof root.Element.prototype.replaceChildren === "function"; }, 86, 78, 14],
    // Stands for what else came into the language in 2022; the youngest of it are static blocks.
    ["ECMAScript 2022", function () { return typeof root.Object.hasOwn === "function" && typeof root.Array.prototype.at === "function"; }, 94, 93, 16.4],
    ["findLast", function () { return typeof root.Array.prototype.findLast === "function"; }, 97, 104, 15.4],
    ["AbortSignal.timeout", function () { return typeof root.AbortSignal.timeout === "function"; }, 103, 100, 16],
    ["isWellFormed", function () { return typeof root.String.prototype.isWellFormed === "function"; }, 111, 119, 16.4]
  ];

  function missing() {
    var found = [];
    for (var i = 0; i < needs.length; i += 1) {
      try {
        if (needs[i][1]()) continue;
      } catch (error) {
        void error; // what throws is not there
      }
      found.push(needs[i][0]);
    }
    return found;
  }

  // The first version that has everything.
  function oldest(column) {
    var most = 0;
    for (var i = 0; i < needs.length; i += 1) most = Math.max(most, needs[i][column]);
    return most;
  }

  function element(name, text, kind) {
    var made = document.createElement(name);
    if (text) made.appendChild(document.createTextNode(text));
    if (kind) made.className = kind;
    return made;
  }

  function list(items) {
    var made = element("ul", "", "kern-body");
    for (var i = 0; i < items.length; i += 1) made.appendChild(element("li", items[i]));
    return made;
  }

  function section(language, level, words, lacks) {
    var part = element("section");
    part.lang = language;
    part.appendChild(element(level, words.title, "kern-heading-large"));
    part.appendChild(element("p", words.what, "kern-body"));
    part.appendChild(element("p", words.need, "kern-body"));
    part.appendChild(list(["Chrome, Edge: " + oldest(2), "Firefox: " + oldest(3), "Safari (iPhone, iPad, Mac): " + oldest(4)]));
    part.appendChild(element("p", words.ways, "kern-body"));
    part.appendChild(list(words.way));
    part.appendChild(element("p", words.lacks + lacks.join(", "), "kern-body"));
    return part;
  }

  function say(lacks) {
    var main = element("main");
    main.id = "too-old";
    main.appendChild(section("de", "h1", {
      title: "Mein Postfach kann in diesem Browser nicht öffnen",
      what: "Dieser Browser ist zu alt, oder ihm fehlt etwas. Ihre Briefe sind nicht verloren. Fristen laufen aber weiter.",
      need: "Diese Browser oder neuere gehen:",
      ways: "Das können Sie tun:",
      way: [
        "Bringen Sie den Browser auf den neuesten Stand. Auf dem Telefon: das Betriebssystem aktualisieren.",
        "Öffnen Sie ein normales Fenster, wenn Sie gerade privat surfen.",
        "Nehmen Sie ein anderes Gerät. Mit dem Wiederherstellungsblatt öffnen Sie Ihr Postfach auch dort.",
        "Am Computer geht es auch ohne Browser: mit dem Programm postfach auf der Befehlszeile.",
        "Rufen Sie die Behörde an, oder bitten Sie sie um Briefe auf Papier. Die Telefonnummer steht auf dem Brief."
      ],
      lacks: "Es fehlt: "
    }, lacks));
    main.appendChild(section("en", "h2", {
      title: "Mein Postfach cannot open in this browser",
      what: "This browser is too old, or it lacks something. Your letters are not lost. But periods go on running.",
      need: "These browsers work, and newer ones:",
      ways: "What you can do:",
      way: [
        "Update the browser. On a phone: update the operating system.",
        "Open an ordinary window if you are browsing privately.",
        "Use another device. The recovery sheet opens your mailbox there, too.",
        "On a computer it works without a browser: with the program postfach on the command line.",
        "Call the authority, or ask it for letters on paper. The telephone number is on its letter."
      ],
      lacks: "Missing: "
    }, lacks));
    var footer = element("footer", "", "bottom");
    var link = element("a", "Impressum, Datenschutz, Barrierefreiheit", "kern-link");
    link.href = "/legal/index.html";
    footer.appendChild(link);
    var place = document.getElementById("app") || document.body;
    place.appendChild(main);
    place.appendChild(footer);
  }

  var lacks = missing();
  if (lacks.length === 0) return;
  document.documentElement.setAttribute("data-too-old", lacks.join(" "));
  // `defer` is obeyed by every browser that has it; the others run this before the page is there.
  if (document.getElementById("app")) say(lacks);
  else document.addEventListener("DOMContentLoaded", function () { say(lacks); });
})(this);
