// The entry of every scratch application: the page's test reads `journeyDone`.
import { journey } from "./journey.js";

window.journeyDone = journey({ ...window.journeySettings, readCode: window.readCode });
