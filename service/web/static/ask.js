// The ask page as a conversation: asks /v1/ask and sets the findings below the question.
// Without this script the same form gets the same findings from the server.
// Whatever comes from transcripts is only ever set as text.

const form = document.getElementById("composer");
const thread = document.getElementById("thread");
const main = document.getElementById("main");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const days = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const day = (date) => (date ? days.format(new Date(date)) : "");

const clone = (name) =>
  document.getElementById(`${name}-template`).content.firstElementChild.cloneNode(true);
const say = (text) => (document.getElementById("status").textContent = text);
const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

// What is asked

const NAMES = ["q", "speaker", "from", "to", "transcript"];
// What a reason's `without` means in this form.
const FIELDS = { speaker: ["speaker"], dates: ["from", "to"], transcript: ["transcript"] };

function typed() {
  return Object.fromEntries(NAMES.map((name) => [name, form.elements[name].value.trim()]));
}

function fill(asked) {
  for (const name of NAMES) form.elements[name].value = asked[name] ?? "";
  showScope();
}

function addressOf(asked) {
  const given = NAMES.filter((name) => asked[name]).map((name) => [name, asked[name]]);
  return `/?${new URLSearchParams(given)}`;
}

function scopeOf(asked) {
  const title = [...form.elements.transcript.options].find((o) => o.value === asked.transcript);
  return [
    asked.speaker,
    asked.from && `from ${day(asked.from)}`,
    asked.to && `to ${day(asked.to)}`,
    asked.transcript && (title?.label ?? asked.transcript),
  ]
    .filter(Boolean)
    .join(" · ");
}

function showScope() {
  const scope = document.getElementById("scope");
  const words = scopeOf(typed());
  scope.textContent = words ? `Only ${words}` : "Narrow the search";
}

function bodyOf(asked) {
  const body = { question: asked.q };
  if (asked.speaker) body.speaker = asked.speaker;
  if (asked.from) body.date_from = asked.from;
  if (asked.to) body.date_to = asked.to;
  if (asked.transcript) body.transcript = [asked.transcript];
  return JSON.stringify(body);
}

// What is found

function findingOf(citation) {
  const item = clone("finding");
  const set = (name, text) => (item.querySelector(`.${name}`).textContent = text);
  set("speaker", citation.speaker ?? "Speaker not named");
  set("role", citation.role);
  const time = item.querySelector("time");
  time.dateTime = citation.date ?? "";
  time.textContent = day(citation.date);
  if (citation.asked) set("asked-text", citation.asked.text);
  else item.querySelector(".asked").remove();
  // Offsets count characters as Python does; a string here counts UTF-16 units.
  const quote = [...citation.quote];
  const start = citation.highlight.start - citation.start;
  const end = citation.highlight.end - citation.start;
  const mark = document.createElement("mark");
  mark.textContent = quote.slice(start, end).join("");
  item
    .querySelector(".quote")
    .replaceChildren(quote.slice(0, start).join(""), mark, quote.slice(end).join(""));
  const page = `/transcripts/${encodeURIComponent(citation.transcript_id)}`;
  const span = new URLSearchParams({ p: citation.paragraph, ...citation.highlight });
  set("title", citation.title);
  item.querySelector(".title").href = page;
  set("paragraph", `¶${citation.paragraph}`);
  item.querySelector(".place").href = `${page}?${span}#p${citation.paragraph}`;
  setPlaces(item.querySelector(".also"), citation.also);
  return item;
}

function setPlaces(also, places) {
  if (!places.length) {
    also.remove();
    return;
  }
  also.querySelector("summary").textContent = `Also in ${plural(places.length, "other place")}`;
  const items = places.map((place) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = place.href;
    link.textContent = place.title;
    item.append(link, place.date ? `, ${day(place.date)}` : "", `, ¶${place.paragraph}`);
    return item;
  });
  also.querySelector("ul").replaceChildren(...items);
}

function countOf(answer) {
  const count = clone("count");
  count.querySelector(".number-of").textContent = plural(answer.citations.length, "finding");
  const word = count.querySelector(".confidence");
  if (answer.confidence === null) {
    word.remove();
  } else {
    word.textContent = answer.confidence > Number(thread.dataset.likely) ? "likely" : "unsure";
    word.title = `The first finding answers with a probability of ${answer.confidence.toFixed(2)}`;
  }
  return count;
}

function abstentionOf(reason, asked) {
  const notice = clone("abstention");
  notice.querySelector(".notice-head").textContent = reason.detail;
  const way = notice.querySelector(".way");
  if (reason.without.length) {
    const kept = { ...asked };
    for (const name of reason.without.flatMap((one) => FIELDS[one])) kept[name] = "";
    way.textContent = `Ask without the ${reason.without.join(" and the ")}`;
    way.href = addressOf(kept);
  } else if (scopeOf(asked)) {
    way.textContent = "Ask the whole library";
    way.href = addressOf({ q: asked.q });
  } else {
    way.parentElement.remove();
  }
  return notice;
}

function chipsOf(suggestions, asked) {
  const chips = clone("chips");
  for (const one of suggestions) {
    const chip = document.createElement("a");
    chip.className = "chip";
    chip.textContent = one.label;
    chip.href = addressOf({
      ...asked,
      speaker: one.speaker ?? asked.speaker,
      from: one.date_from ?? asked.from,
      to: one.date_to ?? asked.to,
    });
    chips.append(" ", chip);
  }
  return chips;
}

function found(answer, asked) {
  const parts = [answer.answered ? countOf(answer) : abstentionOf(answer.reason, asked)];
  if (answer.suggestions.length) parts.push(chipsOf(answer.suggestions, asked));
  if (answer.citations.length) {
    if (!answer.answered) parts.push(clone("nearest"));
    const list = document.createElement("ol");
    list.className = answer.answered ? "findings" : "findings muted";
    list.append(...answer.citations.map(findingOf));
    enhance(list);
    parts.push(list);
  }
  return parts;
}

function failed(detail, again) {
  const notice = clone("trouble");
  notice.querySelector(".detail").textContent = detail;
  notice.querySelector(".retry").addEventListener("click", (event) => {
    event.preventDefault();
    again();
  });
  return notice;
}

async function fetchAnswer(asked) {
  let response;
  try {
    response = await fetch("/v1/ask", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: bodyOf(asked),
    });
  } catch {
    throw new Error("The service cannot be reached. See that it runs and that you are online.");
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  throw new Error(body?.detail ?? `The service answered with an error (${response.status}).`);
}

// The conversation

async function answer(exchange, asked) {
  const place = exchange.querySelector(".answer");
  const pending = document.createElement("p");
  pending.className = "pending";
  pending.textContent = "Searching…";
  place.replaceChildren(pending);
  place.setAttribute("aria-busy", "true");
  say("Searching…");
  try {
    const result = await fetchAnswer(asked);
    place.replaceChildren(...found(result, asked));
    say(result.answered ? plural(result.citations.length, "finding") : result.reason.detail);
  } catch (error) {
    place.replaceChildren(failed(error.message, () => answer(exchange, asked)));
    say(`This could not be answered: ${error.message}`);
  }
  place.removeAttribute("aria-busy");
  show(exchange);
}

function ask(asked) {
  const exchange = clone("exchange");
  exchange.querySelector(".bubble").textContent = asked.q;
  exchange.querySelector(".asking-scope").textContent = scopeOf(asked);
  bind(exchange, asked);
  main.classList.add("is-thread");
  thread.append(exchange);
  document.title = `${asked.q} — On the Record`;
  form.elements.q.value = "";
  form.querySelector("details").open = false;
  // On a phone the keyboard would cover what is found.
  if (matchMedia("(pointer: coarse)").matches) form.elements.q.blur();
  show(exchange);
  return answer(exchange, asked);
}

function bind(exchange, asked) {
  exchange.dataset.address = addressOf(asked);
  const edit = exchange.querySelector(".edit");
  edit.hidden = false;
  edit.addEventListener("click", () => {
    fill(asked);
    form.elements.q.focus();
  });
  enhance(exchange);
}

function show(exchange) {
  const top = exchange === thread.firstElementChild ? main.parentElement : exchange;
  top.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
}

// Copying

function citationOf(item) {
  const text = (name) => item.querySelector(name).textContent;
  const parts = [text(".speaker"), text(".title"), text("time"), text(".paragraph")];
  return `“${text(".quote")}” — ${parts.filter(Boolean).join(", ")}`;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https the clipboard is closed to scripts, except in this old way.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (!copied) throw new Error("not copied");
  }
}

function enhance(root) {
  for (const button of root.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await copy(citationOf(button.closest(".finding")));
        button.textContent = "Copied";
        say("Citation copied");
      } catch {
        button.textContent = "Copying is not allowed here";
      }
      setTimeout(() => (button.textContent = "Copy citation"), 2000);
    });
  }
}

// Beginning

function start() {
  const asked = typed();
  const served = thread.querySelector(".exchange");
  if (served) {
    bind(served, asked);
    form.elements.q.value = "";
  }
  showScope();
  form.addEventListener("input", showScope);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const next = typed();
    if (!next.q) return;
    history.pushState(null, "", addressOf(next));
    ask(next);
  });
  addEventListener("popstate", () => {
    if (location.hash) return;
    const exchanges = [...thread.querySelectorAll(".exchange")];
    const there = exchanges.findLast((one) => one.dataset.address === location.pathname + location.search);
    if (there) show(there);
    else location.reload();
  });
}

if (form) start();
