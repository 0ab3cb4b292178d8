//! What is shown of words, emphasis, formulas and prices.

use scraper::{Html, Selector};
use tests::{Person, TestApp};

/// A case: its file, the words on its page, what stands bold there, and how many formulas, boxes and sources there are.
struct Case {
    name: &'static str,
    export: &'static str,
    says: &'static [&'static str],
    never: &'static [&'static str],
    bold: &'static [&'static str],
    formulas: usize,
    boxes: usize,
}

const CASES: [Case; 4] = [
    Case {
        name: "R30: a person pastes code without a fence",
        export: include_str!("../../corpus/cases/R30-user-pastes-code.json"),
        says: &[
            "Why does it fail?\ndef area(r):\n    # square it\n    return 3 * r ** 2\n\nclass A:\n    def __init__(self):\n        \
             self.x = 1\n# the end\n1986. What a year",
        ],
        never: &[],
        bold: &[],
        formulas: 0,
        boxes: 0,
    },
    Case {
        name: "R31: emphasis without spaces around it",
        export: include_str!("../../corpus/cases/R31-cjk-emphasis.json"),
        says: &["注意：这是说明。“重点”在后面。", "これは「大切」です。", "이것은 강조(중요)입니다."],
        never: &["**"],
        bold: &["注意：", "“重点”", "「大切」", "강조(중요)"],
        formulas: 0,
        boxes: 0,
    },
    Case {
        name: "R33: a box, rows, a number and words in formulas",
        export: include_str!("../../corpus/cases/R33-boxed.json"),
        says: &["(1)"],
        never: &["\\boxed", "\\tag", "\\substack", "\\textcolor"],
        bold: &[],
        formulas: 5,
        boxes: 1,
    },
    Case {
        name: "R35: prices are no formulas",
        export: include_str!("../../corpus/cases/R35-currency.json"),
        says: &[
            "It costs $1.50 here and $2.00 there; from $2bn to $4bn; \"$990/mo\" or \"$1,500\"; $/unit and $/hour; but ",
        ],
        never: &[],
        bold: &["$1.50"],
        formulas: 1,
        boxes: 0,
    },
];

fn imported(person: &Person, class: &str, export: &str) -> String {
    let report = person.imports(class, "", export).is(201).json();
    report["imported"][0]["id"].as_str().unwrap().to_owned()
}

fn all(page: &Html, css: &str) -> Vec<String> {
    let selector = Selector::parse(css).unwrap();
    page.select(&selector).map(|found| found.text().collect()).collect()
}

#[test]
fn each_case_is_shown_on_the_page_and_in_the_export_as_it_is_meant() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    for case in &CASES {
        let id = imported(&ana, &class, case.export);
        let cookie = app.anonymous().with("cookie", format!("session={}", ana.token));
        let page = Html::parse_document(&cookie.get(&format!("/conversations/{id}")).is(200).text());
        let export = ana.get(&format!("/api/v1/conversations/{id}/export?format=html")).is(200).text();
        for (place, shown, around) in [("page", page, ".words"), ("export", Html::parse_document(&export), "article")] {
            let words = all(&shown, around).join("\n");
            for said in case.says {
                assert!(words.contains(said), "{}, {place}: {said:?} is not said in {words:?}", case.name);
            }
            for never in case.never {
                assert!(!words.contains(never), "{}, {place}: {never} in {words:?}", case.name);
            }
            let count = |css: &str| all(&shown, &format!("{around} {css}")).len();
            assert_eq!(all(&shown, &format!("{around} strong")), case.bold, "{}, {place}", case.name);
            assert_eq!(count("math"), case.formulas, "{}, {place}: formulas", case.name);
            assert_eq!(count(".boxed"), case.boxes, "{}, {place}: boxes", case.name);
            assert_eq!(count(".math-source"), 0, "{}, {place}: formulas as their source", case.name);
        }
    }
}
