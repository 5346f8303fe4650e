// Country codes of phone numbers (ITU-T E.164): chosen from a list with the names that the browser has.
// A library of numbers would be 35 kB for one list; whether a number exists, only a message tells.
import { el } from "./dom.js";

/** Regions (ISO 3166) with their codes. */
const CODES = new Map(
  `AC247 AD376 AE971 AF93 AG1 AI1 AL355 AM374 AO244 AR54 AS1 AT43 AU61 AW297 AX358 AZ994 BA387 BB1
BD880 BE32 BF226 BG359 BH973 BI257 BJ229 BL590 BM1 BN673 BO591 BQ599 BR55 BS1 BT975 BW267 BY375
BZ501 CA1 CC61 CD243 CF236 CG242 CH41 CI225 CK682 CL56 CM237 CN86 CO57 CR506 CU53 CV238 CW599 CX61
CY357 CZ420 DE49 DJ253 DK45 DM1 DO1 DZ213 EC593 EE372 EG20 EH212 ER291 ES34 ET251 FI358 FJ679 FK500
FM691 FO298 FR33 GA241 GB44 GD1 GE995 GF594 GG44 GH233 GI350 GL299 GM220 GN224 GP590 GQ240 GR30
GT502 GU1 GW245 GY592 HK852 HN504 HR385 HT509 HU36 ID62 IE353 IL972 IM44 IN91 IO246 IQ964 IR98 IS354
IT39 JE44 JM1 JO962 JP81 KE254 KG996 KH855 KI686 KM269 KN1 KP850 KR82 KW965 KY1 KZ7 LA856 LB961 LC1
LI423 LK94 LR231 LS266 LT370 LU352 LV371 LY218 MA212 MC377 MD373 ME382 MF590 MG261 MH692 MK389 ML223
MM95 MN976 MO853 MP1 MQ596 MR222 MS1 MT356 MU230 MV960 MW265 MX52 MY60 MZ258 NA264 NC687 NE227 NF672
NG234 NI505 NL31 NO47 NP977 NR674 NU683 NZ64 OM968 PA507 PE51 PF689 PG675 PH63 PK92 PL48 PM508 PR1
PS970 PT351 PW680 PY595 QA974 RE262 RO40 RS381 RU7 RW250 SA966 SB677 SC248 SD249 SE46 SG65 SH290
SI386 SJ47 SK421 SL232 SM378 SN221 SO252 SR597 SS211 ST239 SV503 SX1 SY963 SZ268 TC1 TD235 TG228
TH66 TJ992 TK690 TL670 TM993 TN216 TO676 TR90 TT1 TV688 TW886 TZ255 UA380 UG256 US1 UY598 UZ998 VA39
VC1 VE58 VG1 VI1 VN84 VU678 WF681 WS685 XK383 YE967 YT262 ZA27 ZM260 ZW263`
    .split(/\s/)
    .map((entry) => [entry.slice(0, 2), entry.slice(2)]),
);

/** Where several have the code, the one that it is known by. */
const MAIN = ["US", "RU", "GB", "AU", "IT", "NO", "MA", "RE", "FI", "GP", "CW"];

/** What is dialled before a number inside of the country, by its code; elsewhere a 0. */
const TRUNK = {
  __proto__: null,
  1: /^1(?=\d{10}$)/,
  7: /^8(?=\d{10}$)/,
  36: /^06/,
  375: /^80?(?=\d{9}$)/,
  993: /^8(?=\d{8}$)/,
};
/** Where a 0 in front is part of the number. */
const WITH_ZERO = ["39", "225", "229", "241", "242", "378"];

/** The number as E.164 has it, from what a person in that region types, without blanks. */
export function international(typed, region) {
  if (typed === "" || typed.startsWith("+")) return typed;
  if (typed.startsWith("00")) return `+${typed.slice(2)}`;
  const code = CODES.get(region);
  const trunk = TRUNK[code] ?? (WITH_ZERO.includes(code) ? /^$/ : /^0/);
  return `+${code}${typed.replace(trunk, "")}`;
}

/** The region that a number with its country code is of; `preferred` where it is one of several. */
export function regionOf(number, preferred) {
  const fits = (region) => number.startsWith(`+${CODES.get(region)}`);
  if (fits(preferred)) return preferred;
  return [...MAIN, ...CODES.keys()].find(fits) ?? preferred;
}

/** The region of who uses this browser. */
export function likelyRegion(languages) {
  for (const language of languages) {
    const { region } = new Intl.Locale(language).maximize();
    if (CODES.has(region)) return region;
  }
  return "US";
}

/** Puts the list before the field's input. Answers how what is typed there is read. */
export function countryPicker({ name, input }, { texts, typed }) {
  const kept = `${name} country`;
  const names = new Intl.DisplayNames([texts.language], { type: "region" });
  const { compare } = new Intl.Collator(texts.language);
  const regions = [...CODES.keys()].map((region) => [region, names.of(region)]);
  regions.sort(([, one], [, other]) => compare(one, other));
  const shown = el("span", { class: "calling-code", "aria-hidden": "true", dir: "ltr" });
  const select = el(
    "select",
    { "aria-label": texts("phone.country"), change: () => choose(select.value) },
    regions.map(([region, its]) => el("option", { value: region }, `${its} (\u2066+${CODES.get(region)}\u2069)`)),
  );
  const choose = (region) => {
    select.value = region;
    shown.textContent = `+${CODES.get(region)}`;
    typed.set(kept, region);
  };
  const follow = () => {
    const value = input.value.replace(/^\s*00/, "+").trim();
    if (value.startsWith("+")) choose(regionOf(value.replace(/\s/g, ""), select.value));
  };
  const hadFocus = input.matches(":focus");
  // A number reads from the left in every script.
  const row = el("div", { class: "with-country", dir: "ltr" });
  input.replaceWith(row);
  row.append(el("div", { class: "country" }, shown, select), input);
  if (hadFocus) input.focus();
  input.addEventListener("input", follow);
  choose(typed.get(kept) ?? likelyRegion(navigator.languages));
  follow();
  return (number) => international(number, select.value);
}
