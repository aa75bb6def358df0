import type { Model } from '@openai/agents'
import { createOpenAiModel, type OpenAiOptions } from './openai.js'
import { RulesModel } from './rules.js'

/** What a configuration says about models. `name`: `rules`, or what the endpoint calls its model. */
export interface ModelOptions extends OpenAiOptions {
  readonly name: string
}

export interface ChosenModel {
  readonly name: string
  readonly model: Model
  /** Whether a person's instructions in plain words mean anything to it. */
  readonly followsInstructions: boolean
}

export const rulesName = 'rules'

export interface ModelFactory {
  /**
   * The models to try for a run, in order: the one named (null: the configured one), and `rules`, which needs nothing
   * that could be down. Throws InputError when a model is named that no endpoint is configured for.
   */
  choose(name: string | null): readonly [ChosenModel, ...ChosenModel[]]
}

export function createModelFactory(options: ModelOptions): ModelFactory {
  return {
    choose(name) {
      const wanted = name ?? options.name
      const rules: ChosenModel = { name: rulesName, model: new RulesModel(), followsInstructions: false }
      if (wanted === rulesName) return [rules]
      return [{ name: wanted, model: createOpenAiModel(wanted, options), followsInstructions: true }, rules]
    },
  }
}
