using Aegis.Scanning.Rules;
using Aegis.Scanning.Sensitive;

namespace Aegis.Scanning.Markup;

/// <summary>Where addresses can stand: Markdown (CommonMark 0.31, GitHub's autolinks), HTML attributes, plain text. They say more than is dangerous; <see cref="MarkupGuard"/> looks closer.</summary>
internal static class MarkupRules
{
    public const string Inline = "markup/inline";
    public const string Definition = "markup/definition";
    public const string Angle = "markup/angle";
    public const string Attribute = "markup/attribute";
    public const string Text = "markup/text";
    public const string Style = "markup/style";
    public const string Reference = "markup/reference";
    public const string StyleTag = "markup/style-tag";

    private const string Names = "src|srcset|imagesrcset|href|xlink:href|action|formaction|poster|data|background|ping|content|style|manifest|codebase|classid|profile|longdesc|cite|lowsrc|dynsrc|icon|archive|srcdoc|attributionsrc|to|from|by|values";

    public static IEnumerable<SensitiveRule> All { get; } =
    [
        Rule(Inline, Then(@"\]\(", Space, Or(Then("<", Endless(@"[^<>\n]")), Endless(@"[^\s<>\]]", from: 1)))),   // what stands behind a bracket is not seen: see MarkupGuard
        Rule(Definition, Then(@"\]:", Space, Or(Then("<", Endless(@"[^<>\n]")), Endless(@"[^\s<>\]]", from: 1)))),
        Rule(Angle, Then(@"<(?:[a-z][a-z0-9+.\-]{1,31}:|[\/\\]{2})", Endless(@"[^<>\n]"))),
        Rule(Attribute, Then($@"(?:{Names})", Space, "=", Space, Or(Then("\"", Endless("[^\"]")), Then("'", Endless("[^']")), Then(@"[^\s>""']", Endless(@"[^\s>]"))))),
        Rule(Style, Then(@"(?:url\(|@import|image-set\()", Endless(@"[\s""'(]"), Or(Then(@"(?:[a-z][a-z0-9+.\-]{1,31}:)?[\/\\]{2}", Endless(@"[^\s<>""')]")), Then(@"(?:data|javascript):", Endless(@"[^\s<>""')]"))))),
        Rule(StyleTag, Then(@"<style[\s\/>]")),
        Rule(Reference, Then(@"!\[", new PatternNode.Repeat(Parse(@"(?:[^\[\]\\]|\\[!-~]|\[[^\[\]]{0,64}\])"), 0, PatternNode.Repeat.Endless), @"\]", new PatternNode.Repeat(Parse(@"[^(]"), 0, 1))),   // what follows says whether it has an address of its own
        Rule(Text, Then(@"(?:(?:https?|wss?|ftp):[\/\\]|mailto:|www\.)", Endless(@"[^\s<>""`]", from: 1))),
    ];

    private static PatternNode Space => Endless(@"[\s>]");   // a quoted block repeats its mark on each line

    private static SensitiveRule Rule(string id, PatternNode value) => new(id, SensitiveKind.Secret, "URL", AnyCase.Of(value)) { IsAnywhere = id == Text };

    private static PatternNode.Sequence Then(params object[] parts) => new([.. parts.Select(static part => part as PatternNode ?? Parse((string)part))]);

    private static PatternNode.Choice Or(params PatternNode[] options) => new(options);

    private static PatternNode.Repeat Endless(string pattern, int from = 0) => new(Parse(pattern), from, PatternNode.Repeat.Endless);

    private static PatternNode Parse(string pattern) => new PatternParser(pattern, isExact: true).Parse().Root;
}
