using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Tools;

/// <summary>deny before ask before allow; what nothing allows is denied.</summary>
public class ToolRulesTests
{
    private static readonly Gen<string[]> Globs = Gen.OneOf("*", "a", "b", "a*", "*b", "?", "ab", "b?", "A", "\u0430", "a\u200B").Array[0, 3];
    private static readonly string[] Names = ["a", "b", "ab", "ba", "A", "\u0430", "\u0430b", "c", "b\u200B", "a\nb", ""];

    /// <summary>Promise P2: against the rule as it would be written down; <c>AEGIS_SLOW=1</c> runs more than a million cases.</summary>
    [Fact]
    public void DenyBeatsAskBeatsAllowAndNothingIsDenied() => Gen.Select(Globs, Globs, Globs).Sample(static (allow, deny, ask) =>
    {
        var rules = Rules(allow, deny, ask);
        foreach (var name in Names)
        {
            Assert.Equal(Expected(name, allow, deny, ask), rules.For(name).Capability);
        }
    }, iter: Extent.Of(100_000, 20_000));

    [Fact]
    public void TheOrderOfTheListsIsIrrelevant() => Gen.Select(Globs, Globs, Globs).Sample(static (allow, deny, ask) =>
    {
        var (rules, turned) = (Rules(allow, deny, ask), Rules([.. allow.Reverse()], [.. deny.Reverse()], [.. ask.Reverse()]));

        return Names.All(name => rules.For(name).Capability == turned.For(name).Capability);
    }, iter: 5_000);

    [Fact]
    public void AddingADenyOrAQuestionNeverWidens() => Gen.Select(Globs, Globs, Globs, Globs).Sample(static (allow, deny, ask, more) =>
    {
        var (rules, denied, asked) = (Rules(allow, deny, ask), Rules(allow, [.. deny, .. more], ask), Rules(allow, deny, [.. ask, .. more]));
        foreach (var name in Names)
        {
            Assert.True(denied.For(name).Capability >= rules.For(name).Capability);
            var known = rules.For(name).Finding?.Rule == "capability/not-allowed";   // a question opens what was only not allowed
            Assert.True(known || asked.For(name).Capability >= rules.For(name).Capability);
        }
    }, iter: 5_000);

    [Fact]
    public async Task AnEmptyAllowListAllowsNothing()
    {
        var guard = Given.Guard(Given.Open with { Capabilities = new() });

        Assert.Equal("capability/not-allowed", await guard.RuleOf(guard.Call("get"), new("s")));
        Assert.Empty((await guard.InspectAsync(new ModelStep(guard.Tools("get", "list")), new("s"), Given.Cancel)).Subject.Tools.Tools);
    }

    [Fact]
    public void AFindingNamesTheEntryThatDecided()
    {
        var rules = Rules(["get"], ["delete_*"], ["send"]);

        Assert.Equal(("capability/denied", "capabilities.deny: 'delete_*'"), (rules.For("DELETE_x").Finding!.Rule, rules.For("DELETE_x").Finding!.Detail));
        Assert.Equal(("capability/approval", "capabilities.requireApproval: 'send'"), (rules.For("send").Finding!.Rule, rules.For("send").Finding!.Detail));
        Assert.Equal(("capability/not-allowed", "add 'x' to capabilities.allow"), (rules.For("x").Finding!.Rule, rules.For("x").Finding!.Detail));
        Assert.Null(rules.For("get").Finding);
    }

    [Fact]
    public void AllLimitsThatMatchATooCountAndLookAlikesShareThem()
    {
        var hour = TimeSpan.FromHours(1);
        var rules = new ToolRules(Given.Open with { Limits = new Dictionary<string, RateLimit> { ["send_*"] = new(1, hour), ["*_mail"] = new(2, hour), ["get"] = new(3, hour) } }, [], null);

        Assert.Equal(["limit/send_*", "limit/*_mail"], rules.For("send_mail").Spends.Select(static spend => spend.Budget.Rule));
        Assert.Equal(2, rules.For("s\u0435nd_mail").Spends.Length);
        Assert.Empty(rules.For("other").Spends);
    }

    private static ToolRules Rules(string[] allow, string[] deny, string[] ask) =>
        new(Given.Open with { Capabilities = new() { Allow = allow, Deny = deny, RequireApproval = ask } }, [], null);

    private static Decision Expected(string name, string[] allow, string[] deny, string[] ask)
    {
        if (name.Length == 0 || name.Contains('\n'))
        {
            return Decision.Block;
        }

        return deny.Any(LooksLike) ? Decision.Block : !allow.Concat(ask).Any(Is) ? Decision.Block : ask.Any(LooksLike) ? Decision.Ask : allow.Any(Is) ? Decision.Allow : Decision.Block;

        bool Is(string glob) => Matches(glob.ToLowerInvariant(), name.ToLowerInvariant());
        bool LooksLike(string glob) => Is(glob) || Matches(Looks(glob), Looks(name));
    }

    private static string Looks(string name) => name.ToLowerInvariant().Replace('\u0430', 'a').Replace("\u200B", "", StringComparison.Ordinal);

    private static bool Matches(string glob, string name) =>
        glob.Length == 0 ? name.Length == 0
        : glob[0] == '*' ? Matches(glob[1..], name) || (name.Length > 0 && Matches(glob, name[1..]))
        : name.Length > 0 && (glob[0] == '?' || glob[0] == name[0]) && Matches(glob[1..], name[1..]);
}
