namespace Aegis.Scanning.Sensitive.Checks;

/// <summary>Top-level domains: those of countries, the old generic ones, and of the new ones those that people have addresses in (IANA, Root Zone Database).</summary>
internal static class TopLevelDomains
{
    private static readonly WordSet Generic = new("""
        com org net edu gov mil int info biz name pro aero coop museum jobs mobi travel tel cat asia post xxx arpa app dev io ai me tv cc co page blog online
        site store shop tech xyz club cloud email live news world life today agency group team work works media digital solutions services company systems
        software network website space center global international design studio academy school university institute health care clinic doctor dental hospital
        law legal attorney lawyer finance financial bank capital money fund insurance consulting management partners ventures holdings estate house homes
        properties energy solar eco green bio farm garden pet photo photography gallery art music film video games game play fun cool love wiki guru expert
        ninja rocks social chat link click top vip win bid trade market markets exchange business enterprises industries engineering construction build tools
        supply support help community foundation charity church events education training courses careers recruitment reviews report press guide city town
        country land place earth ist london berlin hamburg koeln cologne wien paris nyc tokyo amsterdam brussels bayern saarland ruhr swiss scot wales irish
        cymru quebec madrid barcelona gal eus bzh alsace corsica africa capetown joburg durban istanbul moscow miami vegas boston sydney melbourne taipei
        osaka nagoya kyoto ryukyu fit yoga run bike golf football soccer tennis surf ski cafe restaurant bar pizza beer wine pub coffee kitchen recipes menu
        food catering delivery express taxi limo cab auto car cars moto gmbh ltd llc inc limited sarl ag srl kg tax audio band fm radio codes computer
        directory domains hosting host graphics repair cleaning rent rentals vacations voyage flights cruises tours holiday hotel hotels camp rip dating
        singles family baby kids toys gifts flowers wedding fashion style clothing shoes jewelry diamonds boutique beauty salon spa makeup hair google apple
        microsoft amazon
        """);

    private static readonly WordSet Countries = new("""
        ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv
        cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie
        il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt
        mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm
        sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
        """);

    /// <summary>Whether a label is one of them.</summary>
    public static bool Has(ReadOnlySpan<char> label) => Generic.ContainsLower(label) || Countries.ContainsLower(label);
}
