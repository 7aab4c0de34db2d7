using Aegis.Policies;
using Aegis.Tools.Arguments;

namespace Aegis.Core.Tests.Tools.Arguments;

public class ArgumentPathTests
{
    [Theory]
    [InlineData("to", "to")]
    [InlineData("updates.email", "updates|email")]
    [InlineData("attendees.*.email", "attendees|<any>|email")]
    [InlineData("*", "<any>")]
    [InlineData("*.*", "<any>|<any>")]
    [InlineData(@"@odata\.type", "@odata.type")]
    [InlineData(@"a\*", "a*")]
    [InlineData(@"\*", "*")]
    [InlineData(@"a\\b", @"a\b")]
    [InlineData("a b", "a b")]
    public void APathIsNamesAndStars(string text, string segments) => Assert.Equal(segments, string.Join('|', ArgumentPath.Parse(text)!.Select(static segment => segment ?? "<any>")));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a.")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a*")]
    [InlineData("*a")]
    [InlineData("a.*b")]
    [InlineData("**")]
    [InlineData(@"a\")]
    [InlineData("a\nb")]
    public void AnythingElseIsNone(string text) => Assert.Null(ArgumentPath.Parse(text));

    /// <summary>Halves of characters, and code points that are none, cannot be normalised.</summary>
    [Fact]
    public void APolicyWithoutTextIsAMistake() => Assert.All(["a\uFFFE", "é\uD800"], static (string text) =>
    {
        ArgumentPolicy[] rules = [new() { Pattern = text }, new() { Keys = [text] }, new() { Path = new() { Deny = [text] } }, new() { Path = new() { Under = ["/" + text] } }, new() { Url = new() { Deny = [text] } }, new() { Command = new() { Deny = [text] } }];
        Assert.All(rules, static rule => Assert.Throws<PolicyException>(() => Judged.By(rule, "a")));
    });

    [Fact]
    public void APathIsBounded()
    {
        Assert.Null(ArgumentPath.Parse(new string('a', ArgumentPath.MaxLength + 1)));
        Assert.Null(ArgumentPath.Parse(string.Join('.', Enumerable.Repeat("a", 65))));
    }

    [Theory]
    [InlineData("To", "to", true)]
    [InlineData(@"a\.b", "a.b", false)]
    [InlineData(@"\*", "*", false)]
    [InlineData(@"a\b", "ab", true)]
    public void PathsAreTheSameWhenTheyReachTheSame(string a, string b, bool same) => Assert.Equal(same, ArgumentPath.Canonical(a) == ArgumentPath.Canonical(b));
}
