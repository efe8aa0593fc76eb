/// The page's script: opens clauses and cases, filters, remembers the theme.
///
/// It makes elements and sets their text; it never parses markup, so data cannot become markup.
enum PageScript {
  static let text = #"""
    (function(){
    "use strict";
    var root=document.documentElement,NS="http://www.w3.org/2000/svg";
    function one(s){return document.querySelector(s)}
    function all(s){return Array.prototype.slice.call(document.querySelectorAll(s))}
    function el(tag,cls,text){var e=document.createElement(tag);if(cls)e.className=cls;
    if(text!==undefined)e.textContent=text;return e}
    function put(parent){for(var i=1;i<arguments.length;i++)if(arguments[i])parent.appendChild(arguments[i]);return parent}

    var theme=one("#theme"),themes=["system","light","dark"],chosen="system";
    try{chosen=localStorage.getItem("gauntlet-theme")||"system"}catch(e){}
    function paint(){if(chosen==="system")root.removeAttribute("data-theme");
    else root.setAttribute("data-theme",chosen);theme.textContent="Theme: "+chosen}
    if(themes.indexOf(chosen)<0)chosen="system";
    theme.hidden=false;paint();
    theme.addEventListener("click",function(){chosen=themes[(themes.indexOf(chosen)+1)%3];paint();
    try{localStorage.setItem("gauntlet-theme",chosen)}catch(e){}});

    var D=JSON.parse(one("#data").textContent),matrix=one("#matrix");
    if(!matrix)return;
    var many=D.agents.length>1,width=D.agents.length+2;
    var groups=all("#matrix tbody").map(function(body){
    return{body:body,button:body.querySelector("button"),cases:[],open:false,shown:[]}});
    var byID=new Map();
    D.cases.forEach(function(c,i){c.n=i;groups[c.group].cases.push(c);byID.set(c.id,c);
    var words=[c.id,c.section,c.why,c.title||"",c.level].concat(c.aliases||[]);
    D.results.forEach(function(r){if(r[i])words.push(r[i].why)});
    c.words=words.join("\n").toLowerCase()});

    function badge(v,label){var b=el("span","badge "+D.grades[v]),s=document.createElementNS(NS,"svg"),
    u=document.createElementNS(NS,"use");s.setAttribute("class","g");s.setAttribute("aria-hidden","true");
    u.setAttribute("href","#g-"+D.grades[v]);s.appendChild(u);b.appendChild(s);
    b.appendChild(document.createTextNode(label));return b}
    function ms(x){return x<10?x.toFixed(2)+" ms":x<1000?x.toFixed(0)+" ms":(x/1000).toFixed(2)+" s"}

    function row(c){var tr=el("tr","case"),th=el("th"),b=el("button","",c.id);
    th.scope="row";b.type="button";b.setAttribute("aria-expanded","false");
    b.addEventListener("click",function(){toggle(c);try{history.replaceState(null,"",c.detail?"#case/"+encodeURI(c.id):"#conformance")}catch(e){}});
    put(th,b);(c.aliases||[]).forEach(function(a){put(th,el("span","alias",a))});
    put(tr,th,put(el("td","why"),el("span","",c.title||c.why)));
    D.results.forEach(function(r,k){var x=r[c.n],td=el("td");
    if(!x){td.textContent="–";put(tr,td);return}
    put(td,badge(x.v,D.grades[x.v]));
    if(x.code!==undefined)put(td,el("span","code",String(x.code)));
    if(!many)put(td,el("span","ms",ms(x.ms)));
    td.title=D.agents[k]+": "+x.why;put(tr,td)});
    c.row=tr;c.button=b;return tr}

    function pair(list,name,text){if(text)put(list,el("dt","",name),put(el("dd"),el("code","",text)))}
    function result(c,k){var x=D.results[k][c.n];if(!x)return null;
    var box=el("section","result"),h=el("h4"),dl=el("dl","pair");
    put(h,badge(x.v,D.grades[x.v]),many?el("span","",D.agents[k]):null,
    el("small","","behaviour "+D.grades[x.b]+", closing "+D.grades[x.c]),
    x.alias?el("small","",x.alias):null,
    x.code!==undefined?el("small","","close code "+x.code):null,el("small","",ms(x.ms)));
    put(box,h,el("p","",x.why));if(x.known)put(box,el("p","","Known failure: "+x.known));
    pair(dl,"expected",x.expected);pair(dl,"received",x.received);if(dl.firstChild)put(box,dl);
    if(x.log){var log=el("div","log");log.tabIndex=0;log.setAttribute("role","region");
    log.setAttribute("aria-label","Transcript");
    x.log.forEach(function(e){var line=el("div",e[1]==="<"?"in":e[1]===">"?"out":"on");
    put(line,el("time","",e[0].toFixed(2)+" ms"),el("b","",e[1]),el("span","",e[2]),
    e[3]?el("small","",e[3]):null,e[4]?el("small","",e[4]):null);put(log,line)});
    if(x.cut)put(log,put(el("div","on"),el("time"),el("b","","#"),el("span","",x.cut+" more entries were not kept")));
    put(box,log)}
    if(x.replay){var p=el("p","replay"),copy=el("button","plain","Copy");copy.type="button";
    copy.addEventListener("click",function(){if(navigator.clipboard)navigator.clipboard.writeText(x.replay).then(
    function(){copy.textContent="Copied"})});
    put(p,el("span","","Again:"),el("code","",x.replay),copy);put(box,p)}
    return box}

    function detail(c){var tr=el("tr","detail"),td=el("td"),inner=el("div","inner");td.colSpan=width;
    var cite=el("p","cite");
    if(c.link){var a=el("a","",c.section);a.href=c.link;a.rel="noopener noreferrer";put(cite,a)}
    else put(cite,el("span","",c.section));
    put(cite,el("span",""," · "+c.level.toUpperCase()+(c.aliases?" · "+c.aliases.join(", "):"")));
    put(inner,el("blockquote","",c.why),cite);
    D.agents.forEach(function(a,k){put(inner,result(c,k))});
    if(c.script){var d=el("details","more");put(d,el("summary","","The case"),el("pre","",c.script));put(inner,d)}
    return put(tr,put(td,inner))}

    function toggle(c,open){var want=open===undefined?!c.detail:open;
    if(want&&!c.detail){c.detail=detail(c);c.row.after(c.detail)}
    else if(!want&&c.detail){c.detail.remove();c.detail=null}
    c.row.classList.toggle("open",want);c.button.setAttribute("aria-expanded",String(want))}

    var box=one("#filter"),chips=all(".chip"),everything=one("#all"),query="",wanted=new Set();
    function fits(c){if(query&&c.words.indexOf(query)<0)return false;
    return!wanted.size||D.results.some(function(r){return r[c.n]&&wanted.has(r[c.n].v)})}
    function draw(g){var filtering=query||wanted.size,list=filtering?g.cases.filter(fits):g.cases;
    var open=filtering?list.length>0:g.open;
    g.body.hidden=filtering&&!list.length;g.button.setAttribute("aria-expanded",String(!!open));
    var show=open?list:[],same=show.length===g.shown.length&&show.every(function(c,i){return c===g.shown[i]});
    if(same)return;
    g.shown.forEach(function(c){if(c.detail)c.detail.remove();c.row.remove()});
    var rest=document.createDocumentFragment();
    show.forEach(function(c){rest.appendChild(c.row||row(c));if(c.detail)rest.appendChild(c.detail)});
    g.body.appendChild(rest);g.shown=show}
    function update(){groups.forEach(draw);
    one("#nothing").hidden=groups.some(function(g){return!g.body.hidden})}
    groups.forEach(function(g){g.button.disabled=false;
    g.button.addEventListener("click",function(){if(query||wanted.size)return;g.open=!g.open;draw(g)})});
    one(".filters").hidden=false;
    var timer;box.addEventListener("input",function(){clearTimeout(timer);
    timer=setTimeout(function(){query=box.value.trim().toLowerCase();update()},120)});
    chips.forEach(function(chip){chip.addEventListener("click",function(){
    var v=Number(chip.getAttribute("data-grade")),on=!wanted.has(v);
    if(on)wanted.add(v);else wanted.delete(v);chip.setAttribute("aria-pressed",String(on));update()})});
    everything.addEventListener("click",function(){
    var open=groups.some(function(g){return!g.open});groups.forEach(function(g){g.open=open});
    everything.textContent=open?"Close all":"Open all";update()});
    document.addEventListener("keydown",function(e){
    if(e.key==="/"&&document.activeElement!==box&&!e.ctrlKey&&!e.metaKey){e.preventDefault();box.focus()}
    if(e.key==="Escape"&&document.activeElement===box){box.value="";query="";update()}});

    function go(){if(location.hash.indexOf("#case/")!==0)return;
    var id;try{id=decodeURIComponent(location.hash.slice(6))}catch(e){return}
    var c=byID.get(id);if(!c)return;
    if((query||wanted.size)&&!fits(c)){query=box.value="";wanted.clear();
    chips.forEach(function(chip){chip.setAttribute("aria-pressed","false")});update()}
    var g=groups[c.group];g.open=true;draw(g);toggle(c,true);
    c.row.scrollIntoView({block:"start"});c.button.focus({preventScroll:true})}
    window.addEventListener("hashchange",go);go();
    })();
    """#
}
