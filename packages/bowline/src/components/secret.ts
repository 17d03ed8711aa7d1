import { type Input, type Output, secret as pulumiSecret } from "@pulumi/pulumi";
import { BowlineError } from "../error.ts";
import { Link } from "../link/link.ts";
import { Component } from "./component.ts";

const TYPE = "bowline:index:Secret";

/**
 * A value that is set outside of the program: `bowline secret set StripeKey`.
 *
 * @example
 * const stripe = new Secret("StripeKey");
 * new aws.Function("Api", { handler: "src/api.handler", link: [stripe] });
 */
export class Secret extends Component {
  readonly value: Output<string>;

  /** The placeholder is what it is worth while no value is set. */
  constructor(name: string, placeholder?: Input<string>) {
    super(TYPE, name, undefined);
    const value = this.app.secrets.get(name) ?? placeholder;
    if (value === undefined && this.app.purpose === "deploy") this.app.report(unset(name, this.app.stage));
    this.value = pulumiSecret(value ?? "");
    this.registerLinkable({});
  }

  link(): Link<{ value: string }> {
    return new Link({ name: this.logicalName, type: TYPE, properties: { value: this.value } });
  }
}

function unset(name: string, stage: string): BowlineError {
  return new BowlineError("unset-secret", `The secret ${name} has no value in stage "${stage}".`, {
    hint: `Set it: bowline secret set ${name} --stage ${stage}`,
  });
}
