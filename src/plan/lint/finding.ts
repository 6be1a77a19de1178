import type TypeScript from 'typescript'

/** What in a script will mislead, leak or leave things behind; never a reason not to run. */
export interface LintFinding {
  /** Stable name, for `// loadstone-ignore <rule>` in the script. */
  readonly rule: string
  /** 'warning': the figures or a secret are at risk; 'info': worth a thought. */
  readonly severity: 'warning' | 'info'
  /** What was seen and what to do. */
  readonly message: string
  /** As the user would write it; undefined for what concerns the script as a whole. */
  readonly file: string | undefined
  /** 1-based; undefined where `file` is. */
  readonly line: number | undefined
}

/** What a rule says; the rule's name and the place in words are added by lintScript. */
export interface Remark {
  readonly severity: LintFinding['severity']
  readonly message: string
  /** Where; undefined for what concerns the script as a whole. */
  readonly node: TypeScript.Node | undefined
}

/** 'checkout.ts:12: warning: ... (no-think-time)' */
export function formatFinding({ rule, severity, message, file, line }: LintFinding): string {
  const place = file === undefined ? '' : `${file}:${line}: `
  return `${place}${severity}: ${message} (${rule})`
}
