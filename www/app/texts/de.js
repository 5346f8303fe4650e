export default {
  busy: "– bitte warten",
  cancel: "Abbrechen",
  backToSignIn: "Zurück zur Anmeldung",

  "username.label": "Benutzername",
  "email.label": "E-Mail-Adresse",
  "phone.label": "Telefonnummer",
  "phone.hint": "Mit Ländervorwahl, etwa +49 30 901820.",
  "password.label": "Passwort",
  "password.show": "Zeigen",
  "policy.minimumLength": "Mindestens {length} Zeichen",
  "policy.lowercase": "Ein Kleinbuchstabe",
  "policy.uppercase": "Ein Großbuchstabe",
  "policy.numbers": "Eine Ziffer",
  "policy.symbols": "Ein Sonderzeichen, etwa ! oder %",
  "policy.met": "erfüllt",
  "policy.unmet": "fehlt noch",

  "notice.confirmSignUp": "Ihr Konto ist bestätigt. Sie können sich jetzt anmelden.",
  "notice.resetPassword": "Ihr neues Passwort ist gespeichert. Melden Sie sich damit an.",
  "notice.anotherPerson":
    "In einem anderen Tab hat sich jemand angemeldet. Diese Seite zeigt jetzt das Konto {username}.",

  "signIn.title": "Anmelden",
  "signIn.action": "Anmelden",
  "signIn.forgot": "Passwort vergessen?",
  "signIn.noAccount": "Neu hier?",
  "signIn.haveCode": "Ich habe mich schon registriert und habe einen Code",
  "signUp.title": "Konto anlegen",
  "signUp.action": "Konto anlegen",
  "signUp.haveAccount": "Sie haben schon ein Konto?",
  "forgot.title": "Passwort vergessen",
  "forgot.text":
    "Wir senden einen Code an Ihr bestätigtes Telefon oder Ihre bestätigte E-Mail-Adresse. Damit wählen Sie ein neues Passwort.",
  "forgot.action": "Code senden",

  "code.label": "Code",
  "delivery.sms": "Wir haben einen Code per SMS an {to} gesendet.",
  "delivery.email": "Wir haben eine E-Mail an {to} gesendet.",
  "delivery.unknown":
    "Geben Sie den Code ein, den Sie erhalten haben, oder fordern Sie einen neuen an.",
  "code.left": "Dieser Code gilt noch {time}.",
  "code.until": "Dieser Code gilt bis {time}.",
  "code.over": "Die Zeit für diesen Code ist um. Fordern Sie einen neuen an.",
  "countdown.announce": "Noch {seconds} Sekunden",
  "resend.now": "Neuen Code senden",
  "resend.wait": "Neuen Code senden (in {time})",
  "resend.done": "Ein neuer Code ist unterwegs.",

  "confirm.title": "Konto bestätigen",
  "confirm.action": "Bestätigen",
  "confirm.link":
    "Die Nachricht enthält einen Link statt eines Codes? Öffnen Sie ihn und melden Sie sich dann an.",
  "confirm.linkOpened": "Ich habe den Link geöffnet",
  "confirmLater.text":
    "Geben Sie den Namen ein, mit dem Sie sich registriert haben, und den Code, den Sie erhalten haben.",
  "mfa.title": "Code eingeben",
  "mfa.action": "Weiter",
  "mfa.totp": "Öffnen Sie Ihre Authenticator-App und geben Sie den Code ein, den sie zeigt.",
  "mfa.left": "Sie haben noch {time}.",
  "mfa.until": "Sie haben Zeit bis {time}.",
  "mfa.over": "Die Zeit für die Anmeldung ist um.",
  "newPassword.title": "Neues Passwort wählen",
  "newPassword.text":
    "Willkommen, {username}. Ihr Passwort war vorläufig: Wählen Sie ein eigenes, um fortzufahren.",
  "newPassword.label": "Neues Passwort",
  "newPassword.action": "Speichern und weiter",
  "verify.email.title": "E-Mail-Adresse bestätigen",
  "verify.phone_number.title": "Telefonnummer bestätigen",
  "verify.then.email": "Danach folgt Ihre E-Mail-Adresse.",
  "verify.then.phone_number": "Danach folgt Ihre Telefonnummer.",
  "verify.email.now": "E-Mail-Adresse bestätigen",
  "verify.phone_number.now": "Telefonnummer bestätigen",
  "verify.action": "Bestätigen",
  "verify.skip": "Nicht jetzt",
  "reset.title": "Neues Passwort setzen",
  "reset.action": "Passwort speichern",
  "unknownStep.title": "Hier geht es auf dieser Seite nicht weiter",
  "unknownStep.text":
    "Den nächsten Schritt ({step}) kennt diese Seite nicht. Brechen Sie ab und melden Sie sich anders an.",

  "signedIn.title": "Willkommen, {username}",
  "signedIn.verified": "Bestätigt",
  "signedIn.unverified": "Nicht bestätigt",
  "signedIn.tokensUntil": "Ihre Tokens gelten bis {time} und werden vorher erneuert.",
  "signedIn.signOut": "Abmelden",
  "signedIn.signOutEverywhere": "Überall abmelden",
  "signedIn.everywhereHint": "„Überall abmelden“ meldet {username} auf allen Geräten ab.",
  "device.title": "Dieses Gerät merken?",
  "device.text":
    "Dann werden Sie hier vielleicht seltener nach einem Code gefragt. Wählen Sie „Nein“, wenn auch andere das Gerät benutzen.",
  "device.yes": "Ja",
  "device.no": "Nein",
  "device.remembered": "Dieses Gerät ist gemerkt.",
  "device.forgotten": "Dieses Gerät wird nicht gemerkt.",
  "tokens.title": "Tokens",
  "tokens.id": "ID-Token",
  "tokens.access": "Access-Token",
  "tokens.id.copy": "ID-Token kopieren",
  "tokens.access.copy": "Access-Token kopieren",
  "tokens.copied": "Kopiert.",
  "account.of": "Konto: {username}",
  "account.mfa": "Anmeldung in zwei Schritten",
  "account.mfaLegend": "Beim Anmelden nach einem Code fragen",
  "account.mfaPreferred": "Zuerst gefragt: {factor}.",
  "account.mfaOn": "{factor}: an",
  "account.mfaOff": "{factor}: aus",
  "factor.sms": "Per SMS",
  "factor.email": "Per E-Mail",
  "factor.totp": "Authenticator-App",
  "account.contact": "E-Mail-Adresse und Telefonnummer",
  "account.password": "Passwort ändern",
  "account.currentPassword": "Bisheriges Passwort",
  "account.save": "Speichern",
  "account.done": "Erledigt.",
  "account.delete": "Konto löschen",
  "account.deleteText":
    "Ihr Konto wird sofort mit allem darin gelöscht. Das lässt sich nicht rückgängig machen.",
  "account.deleteConfirm": "Zur Bestätigung {username} eingeben",
  "account.deleteMismatch": "Das ist nicht der Benutzername.",

  "error.missing": "Bitte ausfüllen.",
  "error.wrongCredentials":
    "Benutzername oder Passwort ist falsch. Prüfen Sie beide und versuchen Sie es erneut.",
  "error.wrongPassword":
    "Das bisherige Passwort ist falsch. Prüfen Sie es und versuchen Sie es erneut.",
  "error.passwordBlank": "Das eingegebene Passwort beginnt oder endet mit einem Leerzeichen.",
  "error.codeMismatch":
    "Dieser Code ist falsch. Sehen Sie in der neuesten Nachricht nach und versuchen Sie es erneut.",
  "error.codeExpired": "Dieser Code gilt nicht mehr. Fordern Sie einen neuen an.",
  "error.totpMismatch": "Dieser Code ist falsch. Geben Sie den ein, den Ihre App jetzt zeigt.",
  "error.totpUsed":
    "Dieser Code wurde schon verwendet. Warten Sie, bis Ihre App den nächsten zeigt.",
  "error.challengeExpired":
    "Die Zeit für den Code ist um. Bitte melden Sie sich erneut an; Sie erhalten einen neuen Code.",
  "error.challengeSpent": "Sie sind nicht mehr angemeldet. Bitte melden Sie sich erneut an.",
  "error.userExists":
    "Dieser Benutzername ist vergeben. Wählen Sie einen anderen oder melden Sie sich an, wenn es Ihrer ist.",
  "error.userNotConfirmed":
    "Ihr Konto ist noch nicht bestätigt. Geben Sie den Code ein, den Sie erhalten haben, oder fordern Sie einen neuen an.",
  "error.passwordResetRequired":
    "Ihr Passwort muss erneuert werden. Fordern Sie einen Code an und wählen Sie ein neues.",
  "error.userDisabled":
    "Dieses Konto ist gesperrt. Bitte wenden Sie sich an eine Administratorin oder einen Administrator.",
  "error.invalidPassword":
    "Dieses Passwort wird nicht angenommen. Wählen Sie eines, das alle Regeln erfüllt.",
  "error.invalidParameter": "Diese Eingabe wird nicht angenommen. Bitte prüfen Sie sie.",
  "error.aliasExists":
    "Ein anderes Konto verwendet diese E-Mail-Adresse oder Telefonnummer bereits.",
  "error.noVerifiedContact":
    "Dieses Konto hat keine bestätigte E-Mail-Adresse oder Telefonnummer für einen Code. Bitte wenden Sie sich an die Administration.",
  "error.deliveryFailed":
    "Die Nachricht konnte nicht gesendet werden. Versuchen Sie es später oder fragen Sie die Administration.",
  "error.smsNotConfigured":
    "Zurzeit können keine SMS gesendet werden. Bitte wenden Sie sich an die Administration.",
  "error.throttled": "Das war etwas schnell. Warten Sie einen Moment und versuchen Sie es erneut.",
  "error.attemptLimit": "Zu viele Versuche. Warten Sie eine Weile und versuchen Sie es erneut.",
  "error.refused": "Der Server hat das abgelehnt.",
  "error.blocked":
    "Der Schutz dieser Website hat die Anfrage aufgehalten. Laden Sie die Seite neu; wenn Sie bestätigen sollen, dass Sie ein Mensch sind, tun Sie das und versuchen Sie es noch einmal. Wenn es wieder geschieht, fragen Sie die Betreiber der Website.",
  "error.unsupported":
    "Diesem Browser fehlt etwas, das zum Anmelden nötig ist. Aktualisieren Sie ihn oder verwenden Sie einen anderen.",
  "error.notEverywhere":
    "Hier sind Sie abgemeldet, auf Ihren anderen Geräten aber vielleicht noch nicht. Um es noch einmal zu versuchen, melden Sie sich an und wählen Sie „Überall abmelden“.",
  "error.offline":
    "Sie scheinen offline zu sein. Prüfen Sie die Verbindung und versuchen Sie es erneut.",
  "error.timeout": "Es kam rechtzeitig keine Antwort. Versuchen Sie es erneut.",
  "error.outcomeUnknown":
    "Die Verbindung brach ab, bevor die Antwort kam. Es kann geklappt haben: Fahren Sie fort oder versuchen Sie es erneut.",
  "error.server": "Auf dem Server ist etwas nicht in Ordnung. Versuchen Sie es später erneut.",
  "error.notAccepted": "Das ist gerade nicht möglich.",
  "error.busy": "Bitte warten Sie, bis der letzte Schritt fertig ist.",
  "error.other": "Etwas ist schiefgegangen ({code}). Versuchen Sie es erneut.",
  "error.poolSays": "Der Server sagt: „{message}“",
  "error.retryAt": "Ab {time} können Sie es erneut versuchen.",
};
