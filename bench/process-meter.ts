import { readFileSync } from "node:fs";

/** The kernel's clock tick, in which it counts processor time: 100 a second on every Linux. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 50;

export interface Usage {
  /** User and system time of all threads. */
  readonly cpuS: number;
  /**
   * The most anonymous memory at any time: the resident set less all mapped files. libtorrent
   * maps what it downloads, so its whole resident set would count the page cache.
   */
  readonly peakMemoryMiB: number;
}

/** Watches a process from now on, through Linux's `/proc`. */
export class ProcessMeter {
  readonly #pid: number;
  readonly #startCpuS: number;
  readonly #timer: NodeJS.Timeout;
  #peakKiB = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#startCpuS = this.#cpuS();
    this.#sample();
    this.#timer = setInterval(() => {
      try {
        this.#sample();
      } catch {
        // It has ended, which is for whoever waits for it to tell.
        clearInterval(this.#timer);
      }
    }, SAMPLE_MS);
  }

  stop(): Usage {
    clearInterval(this.#timer);
    this.#sample();
    return { cpuS: this.#cpuS() - this.#startCpuS, peakMemoryMiB: this.#peakKiB / 1024 };
  }

  #cpuS(): number {
    const stat = readFileSync(`/proc/${this.#pid}/stat`, "latin1");
    // The command's name, in parentheses, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  #sample(): void {
    const status = readFileSync(`/proc/${this.#pid}/status`, "latin1");
    const anonymous = /^RssAnon:\s+(\d+) kB$/m.exec(status);
    this.#peakKiB = Math.max(this.#peakKiB, Number(anonymous?.[1] ?? 0));
  }
}
