// A touch could not be carried out: the same dock and the same clock, but nothing that asks the server by itself.

import { guardIdle } from "./idle.js";
import { prepareSteps } from "./steps.js";
import { speakPage } from "./voice.js";

prepareSteps();
guardIdle();
speakPage();
