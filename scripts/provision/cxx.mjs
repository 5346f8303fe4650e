// A compiler of C++, for what the fuzzing is made of.
import { which } from "../lib/run.mjs";
import { aptInstall } from "./apt.mjs";

export const compilerOfC = {
  what: "Debian's g++, for the fuzzing (or any compiler of C++ as c++ on PATH)",
  isThere: () => which("c++") !== null || process.env.CXX !== undefined,
  install: () => aptInstall(["g++"], "A compiler of C++ (g++ or clang++)"),
};
