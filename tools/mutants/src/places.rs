//! Where in a file something can be put behind a switch.

use std::ops::Range;

use proc_macro2::Span;
use syn::{spanned::Spanned, visit::Visit};

use crate::{Change, Genre, Position, render::Edit};

/// What a file has, by its ranges of bytes.
pub(crate) struct Places<'a> {
    source: &'a str,
    lines: Vec<usize>,
    bodies: Vec<Range<usize>>,
    binary: Vec<Range<usize>>,
    /// The operators between what binds by `let`, which can be no others.
    chaining: Vec<Range<usize>>,
    unary: Vec<Range<usize>>,
    structs: Vec<Range<usize>>,
    arms: Vec<Arm>,
}

struct Arm {
    all: Range<usize>,
    pattern: Range<usize>,
    guard: Option<Range<usize>>,
}

impl<'a> Places<'a> {
    pub(crate) fn of(source: &'a str) -> syn::Result<Self> {
        let mut lines = vec![0];
        lines.extend(source.match_indices('\n').map(|(at, _)| at + 1));
        let mut places = Self {
            source,
            lines,
            bodies: Vec::new(),
            binary: Vec::new(),
            chaining: Vec::new(),
            unary: Vec::new(),
            structs: Vec::new(),
            arms: Vec::new(),
        };
        places.visit_file(&syn::parse_file(source)?);
        Ok(places)
    }

    /// Whether with this change the file would be no Rust.
    pub(crate) fn forbid(&self, change: &Change) -> bool {
        let span = self.at(&change.span.start)..self.at(&change.span.end);
        change.genre == Genre::BinaryOperator && self.chaining.contains(&span)
    }

    /// How a change is put behind its switch; `None` where there is no room for one.
    pub(crate) fn edit(&self, change: &Change) -> Option<Edit> {
        let span = self.at(&change.span.start)..self.at(&change.span.end);
        let on = format!("crate::mutant_switch::is({})", change.id);
        let replacement = &change.replacement;
        match change.genre {
            Genre::FnValue => {
                let body = smallest(&self.bodies, &span)?;
                let at = body.start + 1;
                let before = format!(" if {on} {{ return {replacement}; }} ");
                Some(Edit::new(change.id, at..at, before, String::new()))
            }
            Genre::BinaryOperator => self.either(change, &on, &span, &self.binary),
            Genre::UnaryOperator => self.either(change, &on, &span, &self.unary),
            Genre::StructField => self.either(change, &on, &span, &self.structs),
            Genre::MatchArm => {
                let arm = self.arms.iter().find(|arm| arm.all.start == span.start)?;
                Some(match &arm.guard {
                    Some(guard) => {
                        let before = format!("!{on} && (");
                        Edit::new(change.id, guard.clone(), before, ")".into())
                    }
                    None => {
                        let at = arm.pattern.end;
                        Edit::new(change.id, at..at, format!(" if !{on} "), String::new())
                    }
                })
            }
            Genre::MatchArmGuard => {
                self.arms
                    .iter()
                    .find(|arm| arm.guard.as_ref() == Some(&span))?;
                let before = format!("(if {on} {{ {replacement} }} else {{ ");
                Some(Edit::new(change.id, span, before, " })".into()))
            }
            Genre::Other => None,
        }
    }

    /// The smallest of `wholes` around the change, once with the change and once without.
    fn either(
        &self,
        change: &Change,
        on: &str,
        span: &Range<usize>,
        wholes: &[Range<usize>],
    ) -> Option<Edit> {
        let whole = smallest(wholes, span)?;
        let mut end = span.end;
        // A field goes with its comma.
        if change.genre == Genre::StructField && self.source[end..].starts_with(',') {
            end += 1;
        }
        let changed = format!(
            "{}{}{}",
            &self.source[whole.start..span.start],
            change.replacement,
            &self.source[end..whole.end],
        );
        let before = format!("(if {on} {{ {changed} }} else {{ ");
        Some(Edit::new(change.id, whole.clone(), before, " })".into()))
    }

    fn at(&self, position: &Position) -> usize {
        self.byte(position.line, position.column - 1)
    }

    fn range(&self, span: Span) -> Range<usize> {
        let (start, end) = (span.start(), span.end());
        self.byte(start.line, start.column)..self.byte(end.line, end.column)
    }

    fn byte(&self, line: usize, characters: usize) -> usize {
        let start = self.lines[line - 1];
        let rest = &self.source[start..];
        start
            + rest
                .char_indices()
                .nth(characters)
                .map_or(rest.len(), |(at, _)| at)
    }
}

impl Visit<'_> for Places<'_> {
    fn visit_impl_item_fn(&mut self, item: &syn::ImplItemFn) {
        self.bodies.push(self.range(item.block.span()));
        syn::visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_fn(&mut self, item: &syn::ItemFn) {
        self.bodies.push(self.range(item.block.span()));
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.bodies.push(self.range(block.span()));
        }
        syn::visit::visit_trait_item_fn(self, item);
    }

    fn visit_expr_binary(&mut self, expr: &syn::ExprBinary) {
        // `if let … && …` is no expression of its own.
        if binds(&expr.left) || binds(&expr.right) {
            self.chaining.push(self.range(expr.op.span()));
        } else {
            self.binary.push(self.range(expr.span()));
        }
        syn::visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_unary(&mut self, expr: &syn::ExprUnary) {
        self.unary.push(self.range(expr.span()));
        syn::visit::visit_expr_unary(self, expr);
    }

    fn visit_expr_struct(&mut self, expr: &syn::ExprStruct) {
        self.structs.push(self.range(expr.span()));
        syn::visit::visit_expr_struct(self, expr);
    }

    fn visit_arm(&mut self, arm: &syn::Arm) {
        self.arms.push(Arm {
            all: self.range(arm.span()),
            pattern: self.range(arm.pat.span()),
            guard: arm
                .guard
                .as_ref()
                .map(|(_, guard)| self.range(guard.span())),
        });
        syn::visit::visit_arm(self, arm);
    }
}

fn binds(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => binds(&binary.left) || binds(&binary.right),
        _ => false,
    }
}

fn smallest<'r>(ranges: &'r [Range<usize>], around: &Range<usize>) -> Option<&'r Range<usize>> {
    ranges
        .iter()
        .filter(|range| range.start <= around.start && around.end <= range.end)
        .min_by_key(|range| range.len())
}
