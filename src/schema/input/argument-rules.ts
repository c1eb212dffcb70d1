/** A plugin of Pothos, beside plugin-zod, for arguments whose input the resolver itself checks. */
import SchemaBuilder, {
  BasePlugin,
  type PothosInputFieldConfig,
  type SchemaTypes,
} from '@pothos/core';
import type { z } from 'zod';

const EXTENSION = 'argumentRules';

/**
 * The `extensions` of an argument: its rules, in place of those that plugin-zod would collect from its input type; null
 * for none. plugin-zod copies every input object, those without rules included, and waits three turns for that, which
 * takes as long as to decide a call.
 */
export function argumentRules(rules: z.ZodType | null): Readonly<Record<string, unknown>> {
  return { [EXTENSION]: { rules } };
}

class ArgumentRulesPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onInputFieldConfig(config: PothosInputFieldConfig<Types>) {
    const given = config.extensions?.[EXTENSION] as { rules: z.ZodType | null } | undefined;
    if (given === undefined) return config;
    const { [EXTENSION]: _given, ...extensions } = config.extensions ?? {};
    const { validator: _validator, ...others } = extensions;
    return {
      ...config,
      extensions: given.rules === null ? others : { ...others, validator: given.rules },
    };
  }
}

/** Its name, for the list of plugins. */
export const ARGUMENT_RULES = 'argumentRules';

declare global {
  // biome-ignore lint/style/noNamespace: Pothos has its plugins declared in one.
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      argumentRules: ArgumentRulesPlugin<Types>;
    }
  }
}

SchemaBuilder.registerPlugin(ARGUMENT_RULES, ArgumentRulesPlugin);
