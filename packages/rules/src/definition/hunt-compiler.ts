import { normalizeAnswer } from './answer.ts';
import type { HuntDefinition, StepDefinition, TreasureDefinition } from './hunt-definition.ts';
import type { HuntReader } from './hunt-dialect.ts';
import type { HuntDraft, StepDraft, TreasureDraft } from './hunt-shape.ts';
import { formatInstant } from './instant.ts';
import { placeDefinition } from './place.ts';
import { blockedCycles, reachableSteps } from './reachability.ts';
import { type Requirement, requirementMet } from './requirement.ts';
import { RequirementCompiler } from './requirement-compiler.ts';

const accuracyLimitDefaultMeters = 100;

/** Checks what no shape can say, on whatever part of the draft is there, and builds the definition. */
export class HuntCompiler {
  readonly #reader: HuntReader;

  constructor(reader: HuntReader) {
    this.#reader = reader;
  }

  /** Undefined when there is any problem, of the shape or found here. */
  compile(draft: HuntDraft): Omit<HuntDefinition, 'contentHash'> | undefined {
    const steps = draft.steps ?? [];
    const treasures = draft.treasures ?? [];
    this.#checkWindow(draft);
    const numbers = this.#numberById('step', 'steps', steps);
    this.#numberById('treasure', 'treasures', treasures);

    const compiler = new RequirementCompiler(numbers, this.#reader);
    const stepRequires = steps.map((step, index) =>
      compiler.compile(step?.requires, `steps[${index}].requires`),
    );
    const treasureRequires = treasures.map((treasure, index) =>
      compiler.compile(treasure?.requires, `treasures[${index}].requires`),
    );
    this.#checkReachable(draft, stepRequires, treasureRequires);

    for (const [index, treasure] of treasures.entries()) this.#checkPerTeam(treasure, index);
    const answers = steps.map((step, index) => this.#answers(step, index));
    if (!this.#reader.faultless) return undefined;

    // Without problems the draft is complete: every required key is there.
    return {
      id: draft.hunt!,
      title: draft.title!,
      version: draft.version!,
      opensAt: draft.opens!,
      closesAt: draft.closes!,
      teamSize: typeof draft.teams === 'object' ? draft.teams.size! : 1,
      ties: draft.scoring?.ties ?? 'last-score',
      steps: steps.map((step, index) =>
        stepDefinition(draft, step!, stepRequires[index]!, answers[index]!),
      ),
      treasures: treasures.map((treasure, index) =>
        treasureDefinition(treasure!, treasureRequires[index]!),
      ),
    };
  }

  #checkWindow({ opens, closes }: HuntDraft): void {
    if (opens === undefined || closes === undefined || closes > opens) return;
    this.#reader.add('closes', 'rules-file-window-invalid', {
      opens: formatInstant(opens),
      closes: formatInstant(closes),
    });
  }

  #numberById(
    what: string,
    path: string,
    items: readonly (StepDraft | TreasureDraft | undefined)[],
  ): Map<string, number> {
    const numbers = new Map<string, number>();
    for (const [index, item] of items.entries()) {
      const id = item?.id;
      if (id === undefined) continue;
      if (numbers.has(id))
        this.#reader.add(`${path}[${index}].id`, 'rules-file-id-repeated', { what, id });
      else numbers.set(id, index);
    }
    return numbers;
  }

  #checkReachable(
    { steps = [], treasures = [] }: HuntDraft,
    stepRequires: readonly (Requirement | null)[],
    treasureRequires: readonly (Requirement | null)[],
  ): void {
    const reachable = reachableSteps(stepRequires);
    const nameOf = (step: number): string => steps[step]?.id ?? `number ${step + 1}`;
    const cycles = blockedCycles(stepRequires, reachable);
    for (const cycle of cycles) {
      const names = cycle.map(nameOf).join(', ');
      this.#reader.add(`steps[${cycle[0]}].requires`, 'rules-file-requires-cycle', {
        steps: names,
      });
    }
    const inCycle = new Set(cycles.flat());
    for (const step of steps.keys()) {
      if (reachable.has(step) || inCycle.has(step)) continue;
      const details = { what: 'step', id: nameOf(step) };
      this.#reader.add(`steps[${step}].requires`, 'rules-file-unreachable', details);
    }
    for (const [index, requirement] of treasureRequires.entries()) {
      if (requirementMet(requirement, (step) => reachable.has(step))) continue;
      const details = { what: 'treasure', id: treasures[index]?.id ?? `number ${index + 1}` };
      this.#reader.add(`treasures[${index}].requires`, 'rules-file-unreachable', details);
    }
  }

  #checkPerTeam(treasure: TreasureDraft | undefined, index: number): void {
    const { stock, perTeam } = treasure ?? {};
    if (stock === undefined || perTeam === undefined || perTeam <= stock) return;
    const path = `treasures[${index}].perTeam`;
    this.#reader.add(path, 'rules-file-value-out-of-range', {
      path,
      least: 1,
      most: stock,
      found: perTeam,
    });
  }

  /** Normalised, each once: that two spellings are the same answer is no mistake of the organiser's. */
  #answers(step: StepDraft | undefined, stepIndex: number): string[] {
    const normalized = new Set<string>();
    for (const [index, answer] of step?.answers?.entries() ?? []) {
      if (answer === undefined) continue;
      const form = normalizeAnswer(answer);
      const path = `steps[${stepIndex}].answers[${index}]`;
      if (form === undefined) this.#reader.add(path, 'rules-file-answer-empty', { path, answer });
      else normalized.add(form);
    }
    return [...normalized];
  }
}

function stepDefinition(
  hunt: HuntDraft,
  step: StepDraft,
  requires: Requirement | null,
  answers: string[],
): StepDefinition {
  return {
    id: step.id!,
    title: step.title!,
    clue: step.clue ?? '',
    kind: step.answers ? 'answer' : step.scan ? 'scan' : 'place',
    points: step.points!,
    bonus: step.firstSolverBonus ?? hunt.scoring?.firstSolverBonus ?? 0,
    wrongPenaltySeconds: (hunt.scoring?.wrongAnswerPenalty ?? 0) / 1_000,
    coolDownMs: step.wrongAnswers?.coolDown ?? hunt.wrongAnswers?.coolDown ?? 0,
    deduct: step.wrongAnswers?.deduct ?? hunt.wrongAnswers?.deduct ?? 0,
    requires,
    hints: (step.hints ?? []).map((hint) => ({ text: hint!.text!, cost: hint!.cost! })),
    answers,
    scanCode: step.scan?.code ?? null,
    place: step.place
      ? placeDefinition(
          step.place.latitude!,
          step.place.longitude!,
          step.place.radius!,
          step.place.accuracyLimit ?? accuracyLimitDefaultMeters,
        )
      : null,
  };
}

function treasureDefinition(
  treasure: TreasureDraft,
  requires: Requirement | null,
): TreasureDefinition {
  return {
    id: treasure.id!,
    title: treasure.title!,
    stock: treasure.stock!,
    perTeam: treasure.perTeam ?? 1,
    reservationMs: treasure.reservation ?? 0,
    requires,
  };
}
