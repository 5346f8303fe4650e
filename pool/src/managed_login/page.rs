//! Pages: plain HTML that needs no script. Text that comes from anywhere else is escaped.

use super::Answer;
use super::authorize::Authorization;
use super::cookies::{self, FORM_TOKEN};
use crate::call::Call;
use crate::error::bounded;
use crate::settings::host_of;
use crate::wire::{Request, Response};

pub(super) const STYLE_PATH: &str = "/managed-login.css";

const HTML: &str = "text/html; charset=utf-8";

/// The longest address to go on at, and the longest that is asked for, in bytes. Clients take some
/// 8,000 for all headers together.
pub(super) const LONGEST_ADDRESS: usize = 6000;

/// A page that is being written.
pub(super) struct Page<'a> {
    authorization: &'a Authorization,
    title: &'a str,
    error: Option<String>,
    body: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(authorization: &'a Authorization, title: &'a str) -> Self {
        Self {
            authorization,
            title,
            error: None,
            body: String::new(),
        }
    }

    /// What went wrong, said first.
    pub(super) fn error(mut self, error: Option<&str>) -> Self {
        self.error = error.map(|error| bounded(error).into_owned());
        self
    }

    pub(super) fn text(mut self, text: &str) -> Self {
        self.body.push_str(&format!("<p>{}</p>", escaped(text)));
        self
    }

    /// Text beside which stands what is to be copied.
    pub(super) fn code(mut self, label: &str, code: &str) -> Self {
        let (label, code) = (escaped(label), escaped(code));
        self.body
            .push_str(&format!("<p>{label} <code>{code}</code></p>"));
        self
    }

    pub(super) fn link(mut self, to: &str, text: &str) -> Self {
        let (to, text) = (escaped(to), escaped(text));
        self.body
            .push_str(&format!("<p><a href=\"{to}\">{text}</a></p>"));
        self
    }

    pub(super) fn form(mut self, form: Form) -> Self {
        self.body.push_str(&form.action);
        self.body.push_str(&form.body);
        self.body.push_str("</form>");
        self
    }

    /// The finished page, for this browser.
    pub(super) fn response(self, call: &mut Call<'_>, request: &Request) -> Response {
        let (token, cookie) = cookies::form_token(call, request);
        let status = if self.error.is_some() { 400 } else { 200 };
        let app = &self.authorization.app;
        let name = app.client_settings().client_name;
        let error = self.error.as_deref().map_or_else(String::new, |error| {
            format!("<p role=\"alert\">{}</p>", escaped(error))
        });
        let hidden = format!("<input type=\"hidden\" name=\"{FORM_TOKEN}\" value=\"{token}\">");
        let body = format!(
            "<h1>{}</h1><p class=\"app\">for {}</p>{error}{}",
            escaped(self.title),
            escaped(&name),
            self.body.replace(TOKEN_PLACE, &hidden),
        );
        let title = match self.error {
            Some(_) => format!("Error: {}", self.title),
            None => self.title.to_owned(),
        };
        let back = form_target(&self.authorization.redirect_uri);
        with_cookie(document(status, &title, &body, back.as_deref()), cookie)
    }
}

/// Where the hidden token of a form goes. No text has it in it: `<` is escaped there.
const TOKEN_PLACE: &str = "<!--token-->";

/// A form that is being written.
pub(super) struct Form {
    action: String,
    body: String,
}

impl Form {
    /// A form that is posted to `action`.
    pub(super) fn to(action: &str) -> Self {
        Self {
            action: format!("<form method=\"post\" action=\"{}\">", escaped(action)),
            body: TOKEN_PLACE.to_owned(),
        }
    }

    pub(super) fn hidden(mut self, name: &str, value: &str) -> Self {
        let (name, value) = (escaped(name), escaped(kept(value)));
        self.body.push_str(&format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
        ));
        self
    }

    pub(super) fn field(mut self, field: &Field<'_>) -> Self {
        let [name, label, value] = [field.name, field.label, field.value].map(escaped);
        let (kind, autocomplete) = (field.kind, field.autocomplete);
        let required = if field.optional { "" } else { " required" };
        let mode = if autocomplete == "one-time-code" {
            " inputmode=\"numeric\""
        } else {
            ""
        };
        self.body.push_str(&format!(
            "<label for=\"{name}\">{label}</label>\
             <input id=\"{name}\" name=\"{name}\" type=\"{kind}\" value=\"{value}\" \
             autocomplete=\"{autocomplete}\" autocapitalize=\"none\" spellcheck=\"false\"\
             {mode}{required}>"
        ));
        self
    }

    /// One of several, the first of which is chosen already.
    pub(super) fn choice(mut self, name: &str, legend: &str, options: &[(String, String)]) -> Self {
        let name = escaped(name);
        self.body
            .push_str(&format!("<fieldset><legend>{}</legend>", escaped(legend)));
        for (at, (value, label)) in options.iter().enumerate() {
            let (value, label) = (escaped(value), escaped(label));
            let checked = if at == 0 { " checked" } else { "" };
            self.body.push_str(&format!(
                "<label class=\"choice\"><input type=\"radio\" name=\"{name}\" value=\"{value}\" \
                 required{checked}>{label}</label>"
            ));
        }
        self.body.push_str("</fieldset>");
        self
    }

    pub(super) fn button(mut self, label: &str) -> Self {
        self.body
            .push_str(&format!("<button>{}</button>", escaped(label)));
        self
    }

    /// A button that does something else than the first, whether or not the fields are filled in.
    pub(super) fn other_button(mut self, action: &str, label: &str) -> Self {
        let (action, label) = (escaped(action), escaped(label));
        self.body.push_str(&format!(
            "<button class=\"other\" name=\"action\" value=\"{action}\" formnovalidate>{label}</button>"
        ));
        self
    }
}

/// A labelled input.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) kind: &'a str,
    pub(super) autocomplete: &'a str,
    pub(super) value: &'a str,
    pub(super) optional: bool,
}

impl<'a> Field<'a> {
    pub(super) fn text(name: &'a str, label: &'a str, autocomplete: &'a str) -> Self {
        Self {
            name,
            label,
            kind: "text",
            autocomplete,
            value: "",
            optional: false,
        }
    }

    pub(super) fn password(name: &'a str, label: &'a str, autocomplete: &'a str) -> Self {
        Self {
            kind: "password",
            ..Self::text(name, label, autocomplete)
        }
    }

    pub(super) fn code(name: &'a str, label: &'a str) -> Self {
        Self::text(name, label, "one-time-code")
    }

    pub(super) fn value(mut self, value: &'a str) -> Self {
        self.value = kept(value);
        self
    }
}

/// What was typed, to be shown once more: not what no form asks for. A page holds it several times.
fn kept(typed: &str) -> &str {
    const LONGEST: usize = 2048;
    if typed.len() > LONGEST { "" } else { typed }
}

/// A page that says why nothing can be done, and leads nowhere.
pub(super) fn failure(status: u16, why: &str) -> Response {
    let body = format!(
        "<h1>Something went wrong</h1><p role=\"alert\">{}</p>",
        escaped(&bounded(why))
    );
    document(status, "Something went wrong", &body, None)
}

/// On to another address, by GET.
pub(super) fn redirect(to: &str) -> Response {
    let location = in_header(to);
    if location.len() > LONGEST_ADDRESS {
        return failure(400, "What the app sends along is too long for an address.");
    }
    let mut response = Response::with_text(303, HTML, "");
    response.headers.push(("location".into(), location));
    never_kept(response)
}

pub(super) fn with_cookie(mut response: Response, cookie: String) -> Response {
    response.headers.push(("set-cookie".into(), cookie));
    response
}

/// A reply that no cache may keep.
pub(super) fn never_kept(mut response: Response) -> Response {
    for (name, value) in [("cache-control", "no-store"), ("pragma", "no-cache")] {
        response.headers.push((name.into(), value.into()));
    }
    response
}

pub(super) fn style(_: &mut Call<'_>, _: &Request) -> Answer {
    let style = include_str!("page.css");
    Ok(Response::with_text(200, "text/css; charset=utf-8", style))
}

/// `back` is where forms may lead besides: browsers hold the redirect after a form to it too.
fn document(status: u16, title: &str, body: &str, back: Option<&str>) -> Response {
    let title = escaped(title);
    let mut response = Response::with_text(
        status,
        HTML,
        &format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <link rel=\"stylesheet\" href=\"{STYLE_PATH}\"></head><body><main>{body}</main></body>\
             </html>"
        ),
    );
    let target = back.map_or_else(String::new, |back| format!(" {back}"));
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self'{target}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    for (name, value) in [
        ("content-security-policy", policy.as_str()),
        ("x-content-type-options", "nosniff"),
        // The address holds what the app asked for: nobody else's business. `Origin` is still sent
        // with our own forms.
        ("referrer-policy", "same-origin"),
    ] {
        response.headers.push((name.into(), value.into()));
    }
    never_kept(response)
}

/// The app's address as a source of a policy: its origin, or its scheme where it is not on the web.
fn form_target(redirect_uri: &str) -> Option<String> {
    let (scheme, _) = redirect_uri.split_once(':')?;
    match host_of(redirect_uri) {
        Some(host) if scheme.starts_with("http") => Some(format!("{scheme}://{host}")),
        _ => Some(format!("{scheme}:")),
    }
}

/// Addresses in a header are of ASCII alone.
fn in_header(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    for c in address.chars() {
        if c.is_ascii_graphic() {
            out.push(c);
        } else {
            out.push_str(&crate::wire::percent_encoded(c.encode_utf8(&mut [0; 4])));
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
