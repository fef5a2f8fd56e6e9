//! Tests: the form of a line, shifted sheets, and the published table as a whole.

use super::*;

const HEADING: &str = "file,pref_no,sheet,a,b,c,d,e,f,g,h,ages,price,i,j,k,income,out,p,v,vm,dm,dt,m,mo,mt,drug,in,p2,v2,vm2,dm2,dt2,m2,mt2,meal,meals,only";

/// A line of a sheet from its cells beside prefecture, number, law, name, ages, and burdens.
fn line(prefecture: u8, number: &str, ages: &str, out: &str, shifted: bool) -> String {
    let shift = if shifted { "," } else { "" };
    let end = if shifted { "" } else { "," };
    format!(
        "x,{prefecture},s,{number},80,名,7,0,2,2,3,{shift}{ages},10,2,0,0,低所得,{out},0,0,0,2,0,0,0,0,0,0,0,0,1{end}"
    )
}

fn table(lines: &[String]) -> Read {
    read(format!("{HEADING}\n{}\n", lines.join("\n")).as_bytes())
}

#[test]
fn a_line_says_what_the_patient_pays() {
    let got = table(&[line(13, "180", "0-15", "1,10,0,580,1160,2,14000", false)]);
    assert_eq!(got.faults, []);
    let scheme = &got.schemes[0];
    assert_eq!(
        (scheme.prefecture, scheme.number.as_str(), scheme.row),
        (13, "180", 1)
    );
    assert_eq!(
        (scheme.ages, scheme.income.as_str()),
        (Some((0, 15)), "低所得")
    );
    let out = scheme.outpatient;
    assert_eq!(
        (out.way, out.percent, out.visit),
        (Way::Part, Some(10), None)
    );
    let limits = [out.visit_max, out.day_max, out.month_max];
    assert_eq!(limits, [580, 1160, 14_000].map(|yen| Some(Yen::new(yen))));
    assert_eq!(scheme.inpatient.way, Way::Nothing);
}

#[test]
fn a_sheet_that_is_shifted_by_one_column_is_read_as_such_and_the_others_are_not() {
    let out = "2,0,0,0,0,0,0";
    let got = table(&[
        line(27, "141", "65-69", out, true),
        line(27, "142", "0-18", out, true),
        line(13, "141", "65-69", out, false),
    ]);
    assert_eq!(got.faults, []);
    assert_eq!(got.shifted, [27]);
    let ages: Vec<_> = got.schemes.iter().map(|s| s.ages).collect();
    assert_eq!(ages, [Some((65, 69)), Some((0, 18)), Some((65, 69))]);
}

#[test]
fn rows_of_one_number_are_told_apart_and_a_number_without_a_scheme_is_counted() {
    let out = "2,0,0,0,0,0,0";
    let same = line(13, "141", "65-69", out, false);
    let unused = same.replace(",名,", ",未使用,");
    let got = table(&[same.clone(), same, unused]);
    assert_eq!(
        got.schemes.iter().map(|s| s.row).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!((got.empty, got.faults.len()), (1, 0));
}

#[test]
fn each_line_that_cannot_be_taken_says_where_and_why_and_spoils_no_other() {
    let good = line(13, "141", "65-69", "2,0,0,0,0,0,0", false);
    let cases = [
        (good.replace(",13,", ",48,"), 2),
        (good.replace(",141,", ",14,"), 4),
        (good.replace(",80,", ",8x,"), 5),
        (good.replace("65-69", "69-65"), 12),
        (good.replace("低所得,2,", "低所得,4,"), 18),
        (good.replace("低所得,2,0,", "低所得,2,101,"), 19),
        (
            good.replace("低所得,2,0,0,", "低所得,2,0,444002460015000,"),
            20,
        ),
        (format!("{good},more"), 1),
    ];
    for (bad, column) in cases {
        let got = table(&[good.clone(), bad.clone(), good.clone()]);
        assert_eq!(got.schemes.len(), 2, "{bad}");
        let places: Vec<_> = got.faults.iter().map(|f| (f.line, f.column)).collect();
        assert_eq!(places, [(3, column)], "{bad}");
    }
    assert_eq!(read(b"\xff\xfe,\n\xff\n").schemes, []);
}

#[test]
fn the_published_table_is_read_whole() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/masters/local_subsidy/chihou_kouhi.csv"
    );
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("SKIPPED: the published table of local subsidies (the file is absent)");
        return;
    };
    let got = read(&bytes);
    assert_eq!(got.shifted, [17, 27, 28]);
    let all = u64::try_from(got.schemes.len() + got.faults.len()).expect("few");
    assert_eq!(all + got.empty, 1782);
    for fault in &got.faults {
        println!("{fault:?}");
    }
    assert!(got.faults.len() <= 5, "{}", got.faults.len());
    let prefectures: std::collections::BTreeSet<_> =
        got.schemes.iter().map(|scheme| scheme.prefecture).collect();
    assert_eq!(prefectures.len(), 47);
    // 東京都 マル福一般, 65 to 69: a tenth, 12,000 yen a month as outpatient.
    let tokyo = got
        .schemes
        .iter()
        .find(|s| s.prefecture == 13 && s.number == "141");
    let out = tokyo.expect("a scheme of Tokyo").outpatient;
    assert_eq!(
        (out.percent, out.month_max),
        (Some(10), Some(Yen::new(12_000)))
    );
}

#[test]
fn an_import_replaces_the_master_and_says_which_edition_it_is() {
    let world = testkit::World::new(Vec::new());
    let day = JstDate::parse("2024-06-01").expect("a day");
    let one = table(&[line(13, "141", "65-69", "1,10,0,0,0,0,12000", false)]).schemes;
    let two = table(&[line(27, "142", "0-18", "2,0,0,0,0,0,0", false)]).schemes;
    let kept = two.clone();
    let (first, second, editions) = world.set_up(move |call| {
        import(call, &one, day, "aa")?;
        let first = scheme(call, 13, "141")?;
        assert_eq!(first, one);
        import(call, &two, day.plus_years(1), "bb")?;
        let gone = scheme(call, 13, "141")?;
        assert!(gone.is_empty());
        Ok((first, of_prefecture(call, 27)?, crate::edition::all(call)?))
    });
    assert_eq!(first.len(), 1);
    assert_eq!(second, kept);
    let told: Vec<_> = editions
        .iter()
        .map(|e| (e.sha256.as_str(), e.rows))
        .collect();
    assert_eq!(told, [("bb", 1), ("aa", 1)]);
}
