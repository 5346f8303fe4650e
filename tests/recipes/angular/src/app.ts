import { CUSTOM_ELEMENTS_SCHEMA, Component, signal } from "@angular/core";
import "cognito-flow/ui";
import type { CognitoEventMap } from "cognito-flow/ui";
import { settings } from "./settings";

@Component({
  selector: "app-root",
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <cognito-sign-in
      [options]="options"
      (cognito-signed-in)="onSignedIn($event)"
      (cognito-signed-out)="username.set('nobody')"
    ></cognito-sign-in>
    <p role="status">{{ username() }}</p>
  `,
})
export class App {
  readonly options = { ...settings, storage: "session" };
  readonly username = signal("nobody");

  onSignedIn({ detail }: CognitoEventMap["cognito-signed-in"]) {
    this.username.set(detail.username);
  }
}
