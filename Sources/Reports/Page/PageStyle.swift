/// The page's style sheet.
enum PageStyle {
  static let text = """
    :root{\(light)}
    @media (prefers-color-scheme:dark){:root:not([data-theme=light]){\(dark)}}
    :root[data-theme=dark]{\(dark)}
    \(rules)
    """

  private static let light = """
    color-scheme:light;--paper:#faf9f7;--card:#fff;--ink:#1d1c1a;--soft:#65625d;--line:#e6e3de;\
    --tint:#f3f1ed;--accent:#2b5c8f;--pass:#2b7a4b;--acceptable:#17748a;--fail:#b42d22;\
    --unsupported:#726e67;--informational:#4059a9;--error:#8b3a9c;--wash:#fbeeec;\
    --c1:#2b5c8f;--c2:#17867c;--c3:#9a5c14;--c4:#b42d22
    """

  private static let dark = """
    color-scheme:dark;--paper:#161615;--card:#1e1d1c;--ink:#eae7e2;--soft:#a19d96;--line:#34322f;\
    --tint:#272624;--accent:#8fbbe8;--pass:#74c694;--acceptable:#6cc0d2;--fail:#f28b7e;\
    --unsupported:#a19d96;--informational:#a0b2f2;--error:#d29be0;--wash:#33211f;\
    --c1:#8fbbe8;--c2:#63c7bc;--c3:#e3ab6a;--c4:#f28b7e
    """

  private static let rules = """
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 ui-sans-serif,system-ui,\
    -apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",sans-serif;\
    font-variant-numeric:tabular-nums}
    code,pre,.mono,.log{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono",\
    "DejaVu Sans Mono",monospace;font-size:.87em}
    .wrap{max-width:1180px;margin:0 auto;padding:0 28px}
    .vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    .defs{position:absolute;width:0;height:0}
    .skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px;z-index:9}
    a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
    button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
    small{font-size:.78em;font-weight:400;color:var(--soft)}
    .top{border-bottom:1px solid var(--line)}
    .top .wrap{display:flex;justify-content:space-between;align-items:center;min-height:52px}
    .brand{margin:0;font-weight:650;letter-spacing:.01em}
    .brand span{margin-left:12px;color:var(--soft);font-weight:400;font-size:13px}
    #theme,.plain{font-size:13px;color:var(--soft);border:1px solid var(--line);border-radius:99px;\
    padding:3px 12px}#theme:hover,.plain:hover{color:var(--ink)}
    h1{font-size:32px;line-height:1.2;font-weight:640;letter-spacing:-.018em;margin:38px 0 6px;overflow-wrap:anywhere}
    h2{font-size:20px;font-weight:640;letter-spacing:-.01em;margin:52px 0 14px}
    h3{font-size:17px;font-weight:620;margin:0 0 2px}
    .sub{margin:0;color:var(--soft);font-size:14px;overflow-wrap:anywhere}
    .notice{margin:14px 0;padding:8px 14px;border-left:3px solid var(--c3);background:var(--tint);\
    border-radius:0 6px 6px 0;list-style-position:inside}
    .tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(255px,1fr));gap:14px;margin-top:26px}
    .tile{display:flex;flex-direction:column;background:var(--card);border:1px solid var(--line);\
    border-radius:12px;padding:16px 18px;color:inherit}
    .tile:hover{text-decoration:none;border-color:var(--soft)}
    .eyebrow{font-size:11.5px;letter-spacing:.08em;text-transform:uppercase;color:var(--soft)}
    .name{font-weight:560;overflow-wrap:anywhere}
    .figure{font-size:34px;font-weight:600;letter-spacing:-.025em;line-height:1.25;margin:4px 0 8px}
    .figure small{font-size:14px;letter-spacing:0}.bad,.figure.bad{color:var(--fail)}
    .fine{color:var(--pass)}
    .legend{display:flex;flex-wrap:wrap;gap:3px 14px;font-size:13px;color:var(--soft);margin-top:8px}
    .legend b{color:var(--ink);font-weight:560}
    .bar{display:flex;gap:1.5px;height:6px;border-radius:3px;overflow:hidden;width:100%}
    .bar i{min-width:2px;background:var(--pass)}
    .bar .acceptable{background:var(--acceptable)}.bar .fail{background:var(--fail)}
    .bar .unsupported{background:var(--unsupported);opacity:.45}
    .bar .informational{background:var(--informational)}.bar .error{background:var(--error)}
    .badge{display:inline-flex;align-items:center;gap:5px;white-space:nowrap;color:var(--pass)}
    .badge.acceptable{color:var(--acceptable)}.badge.fail{color:var(--fail);font-weight:600}
    .badge.unsupported{color:var(--unsupported)}.badge.informational{color:var(--informational)}
    .badge.error{color:var(--error);font-weight:600}
    .g{width:15px;height:15px;flex:none;fill:none;stroke:currentColor;stroke-width:2;\
    stroke-linecap:round;stroke-linejoin:round}
    .fail>.g{background:var(--fail);stroke:var(--card);border-radius:3px;padding:1px}
    .error>.g{background:var(--error);stroke:var(--card);border-radius:50%;padding:1px}
    .calm{display:flex;align-items:center;gap:8px;margin:26px 0 0;font-size:16px}
    .failures{list-style:none;margin:0;padding:0;background:var(--card);border:1px solid var(--line);border-radius:12px}
    .failures li{display:flex;gap:14px;padding:11px 18px;border-top:1px solid var(--line)}
    .failures li:first-child{border-top:0}.failures .badge{flex:0 0 62px;align-self:flex-start;line-height:1.55}
    .failures a{font-weight:560;overflow-wrap:anywhere}.failures p{margin:1px 0 0;color:var(--soft);overflow-wrap:anywhere}
    .alias,.who{margin-left:10px;font-size:13px;color:var(--soft)}.who{color:var(--ink)}
    .more .failures{margin-top:10px;color:var(--ink)}.more{color:var(--soft);font-size:14px}
    .filters{display:flex;flex-wrap:wrap;gap:10px 14px;align-items:center;margin-bottom:14px}
    .filters[hidden]{display:none}.filters label{flex:1 1 260px}
    input{width:100%;font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);\
    border-radius:8px;padding:7px 12px}input::placeholder{color:var(--soft)}
    .chips{display:flex;flex-wrap:wrap;gap:6px}
    .chip{font-size:13px;border:1px solid var(--line);background:var(--card);border-radius:99px;padding:4px 11px}
    .chip>span:last-child{color:var(--soft);margin-left:3px}
    .chip[aria-pressed=true]{border-color:currentColor;box-shadow:inset 0 0 0 1px currentColor}
    .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:12px}
    table{border-collapse:collapse;width:100%;font-size:14px}
    th{font-weight:inherit;text-align:left}
    thead th{font-size:12.5px;color:var(--soft);padding:9px 14px;border-bottom:1px solid var(--line);\
    vertical-align:bottom;white-space:nowrap}
    #matrix td,#matrix tbody th{padding:6px 14px;vertical-align:top}
    #matrix tbody tr{border-top:1px solid var(--line)}#matrix tbody:first-of-type tr.group{border-top:0}
    #matrix .group th{padding-left:8px}#matrix .group td{vertical-align:middle;white-space:nowrap}
    .group button{display:flex;gap:8px;align-items:baseline;width:100%;text-align:left;font-weight:560;padding:3px 6px}
    .group button:disabled{cursor:default}
    .group button span{font-weight:400;color:var(--soft)}
    .group button:not(:disabled)::before{content:"";flex:none;align-self:center;width:6px;height:6px;border:solid var(--soft);\
    border-width:0 1.6px 1.6px 0;transform:rotate(-45deg) translate(-2px,0)}
    .group button[aria-expanded=true]::before{transform:rotate(45deg) translate(-2px,-1px)}
    .group .bar{display:inline-flex;width:72px;vertical-align:middle;margin-right:10px}
    .many .group .bar{width:44px}
    .group .n{color:var(--soft);margin-right:10px}
    thead .agent{min-width:170px;max-width:210px;overflow:hidden;text-overflow:ellipsis}
    .many thead .agent{min-width:120px}
    .crowd thead .agent{writing-mode:vertical-rl;transform:rotate(180deg);min-width:0;max-width:none;max-height:150px;\
    padding:12px 4px 8px;vertical-align:top}
    #matrix.crowd td{padding:6px 3px;text-align:center;white-space:nowrap}#matrix.crowd .detail td{text-align:left}
    .crowd .group .bar{display:flex;width:26px;margin:3px auto}.crowd .group .n,.crowd .code{display:none}
    .crowd .group .badge{font-size:11.5px}.crowd .group .badge .g{display:none}
    .crowd .case .badge{font-size:0;gap:0}.crowd .case .badge .g{width:15px;height:15px}
    .crowd .group button{white-space:nowrap}.crowd .group button span{white-space:normal}
    .case th{padding-left:26px!important;max-width:340px}.case button{text-align:left;overflow-wrap:anywhere;color:var(--accent)}
    .case button{margin-right:8px}.case .alias{margin:0 8px 0 0}
    .lean .why{width:0;max-width:0;padding:0!important;font-size:0}.lean .why span{display:none}
    .many .group th,.many .case th{position:sticky;left:0;background:var(--card);min-width:150px}
    .many .case.open th{background:var(--tint)}.case .why{color:var(--soft);max-width:430px}
    .case .why span{display:-webkit-box;-webkit-line-clamp:1;-webkit-box-orient:vertical;overflow:hidden}
    .case td{white-space:nowrap;line-height:22px}.case td>*{vertical-align:top}.case .why{white-space:normal}
    .case .code,.case .ms{margin-left:10px;color:var(--soft);font-size:13px}
    .case.open{background:var(--tint)}
    .detail>td{padding:4px 26px 22px!important;background:var(--tint);white-space:normal}
    .inner{position:sticky;left:26px;width:min(100%,calc(min(100vw,1180px) - 112px))}
    .detail blockquote{margin:10px 0 2px;font-size:16px;max-width:70ch}
    .detail .cite{margin:0 0 14px;color:var(--soft);font-size:13.5px}
    .result{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:13px 16px;margin-top:10px}
    .result h4{display:flex;flex-wrap:wrap;gap:4px 14px;margin:0;font-size:14px;font-weight:600}
    .result h4 small{font-size:13px}
    .result p{margin:6px 0;overflow-wrap:anywhere}
    .pair{display:grid;grid-template-columns:max-content 1fr;gap:2px 14px;margin:8px 0}
    .pair dt{color:var(--soft)}.pair dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
    .log{margin-top:10px;border-top:1px solid var(--line);line-height:1.5;max-height:460px;overflow:auto}
    .log div{display:grid;grid-template-columns:84px 14px 1fr;gap:0 10px;padding:4px 0;border-bottom:1px solid var(--line)}
    .log time{color:var(--soft);text-align:right}.log b{font-weight:700;color:var(--c1)}
    .log .in b{color:var(--c3)}.log .on b,.log .on span{color:var(--soft)}
    .log span{overflow-wrap:anywhere;white-space:pre-wrap}
    .log small{grid-column:3;white-space:pre-wrap;font-size:12px;overflow-wrap:anywhere}
    .replay{display:flex;gap:10px;align-items:baseline;flex-wrap:wrap}
    .replay span{color:var(--soft)}.replay code{overflow-wrap:anywhere}
    pre{margin:8px 0 0;white-space:pre-wrap;overflow-wrap:anywhere}
    summary{cursor:pointer}
    .figures th,.figures td{padding:7px 14px;white-space:nowrap;border-top:1px solid var(--line)}
    .figures td,.figures thead th:not(:first-child){text-align:right}
    .figures thead th{border-top:0}.figures .words{text-align:left!important;white-space:normal;color:var(--soft)}
    .scenario{margin-top:30px}.scenario+.scenario{border-top:1px solid var(--line);padding-top:26px}
    .scenario .scroll{margin-top:14px}.scenario details{margin-top:12px}
    .validity{font-size:12px;font-weight:500;border:1px solid currentColor;border-radius:99px;padding:1px 9px;\
    margin-left:6px;color:var(--pass);vertical-align:2px}
    .validity.suspect{color:var(--c3)}.validity.invalid{color:var(--fail)}
    .strip{display:flex;flex-wrap:wrap;gap:10px 34px;margin:16px 0}
    .strip dt{font-size:12.5px;color:var(--soft)}.strip dd{margin:0;font-size:19px;font-weight:560;letter-spacing:-.01em}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:14px}
    .charts.one{max-width:583px}.sub+.charts{margin-top:14px}
    figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 14px 8px;position:relative}
    figcaption{font-weight:560;font-size:14px}
    .keys{display:flex;flex-wrap:wrap;gap:0 14px;list-style:none;margin:0;padding:0;font-size:12.5px;color:var(--soft)}
    .keys li{display:flex;gap:5px;align-items:center}.key{width:22px;height:8px}
    .chart{display:block;width:100%;height:auto;margin-top:8px;overflow:visible}
    .chart text{font-size:11.5px;fill:var(--soft)}
    .chart .x,.chart .label,.chart .note{text-anchor:middle}
    .chart .y{text-anchor:end;dominant-baseline:central}
    .grid{stroke:var(--line);fill:none}.axis,.tick{stroke:var(--soft);fill:none;opacity:.6}
    .band{fill:var(--tint)}
    .line{fill:none;stroke:var(--c1);stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
    .area{fill:var(--c1);opacity:.1}
    .line.s2{stroke:var(--c2);stroke-dasharray:7 3}.line.s3{stroke:var(--c3);stroke-dasharray:3 3}
    .line.s4{stroke:var(--c4);stroke-dasharray:1 4}
    .facts{margin:0;font-size:14px}.facts div{display:grid;grid-template-columns:150px 1fr;gap:0 16px;\
    padding:6px 0;border-top:1px solid var(--line)}
    .facts dt{color:var(--soft);overflow-wrap:anywhere}.facts dd{margin:0;overflow-wrap:anywhere}
    #runs{margin-bottom:70px}
    @media (max-width:700px){
    .wrap{padding:0 16px}.brand span{display:none}h1{font-size:25px;margin-top:26px}
    #matrix .why{width:0;max-width:0;padding:0!important;font-size:0}#matrix .why span{display:none}
    .case th{padding-left:20px!important}.single .group .bar{display:none!important}
    thead .agent{min-width:110px}.crowd thead .agent{min-width:0}.case .ms{display:none}
    #matrix td,#matrix tbody th,thead th{padding-left:10px;padding-right:10px}
    .single .group button{flex-direction:column;gap:0;padding-left:18px;position:relative}
    .single .group button::before{position:absolute;left:2px;top:10px}
    .detail>td{padding:4px 12px 16px!important}.inner{left:12px;width:min(100%,calc(100vw - 58px))}.result{padding:10px 12px}
    .log div{grid-template-columns:62px 10px 1fr;gap:0 7px}
    .failures li{flex-direction:column;gap:0;padding:10px 14px}.failures .badge{flex:none}
    .chart text{font-size:15px}.facts div{grid-template-columns:104px 1fr}
    .case .alias{display:block;margin:0}.group .n{margin-right:6px}
    }
    @media print{
    :root,:root[data-theme=dark]{\(light)}
    body{background:#fff;font-size:11px}.wrap{max-width:none;padding:0}
    #theme,.filters,.skip,.replay button{display:none!important}
    .scroll,.log{overflow:visible;max-height:none}
    figure,.tile,.result,.failures li{break-inside:avoid}h2,h3{break-after:avoid}
    }
    """
}
