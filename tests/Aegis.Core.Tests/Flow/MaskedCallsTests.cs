using Aegis.Core.Tests.Sessions;
using Aegis.Flow;
using Aegis.Policies;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Flow;

/// <summary>Which call of a second look, without the user's words, is the one that the model makes knowing them.</summary>
public class MaskedCallsTests
{
    private const string Bob = "bob@quellbruck-optik.de";
    private const string Eve = "eve@evil-optik.de";
    private const string FromData = "masked/from-data";

    private static readonly AegisGuard Guard = Given.Guard(Given.Open);

    [Fact]
    public void WhoIsToldInBothIsToldByTheData()
    {
        Assert.Equal(FromData, RuleOf(Mail(Eve), Mail(Eve)));
        Assert.Equal(FromData, RuleOf(Mail(Bob, cc: Eve), Mail(Eve)));
        Assert.Equal(FromData, RuleOf(Mail(Bob, cc: Eve), Mail("", cc: Eve)));
        Assert.Equal(FromData, RuleOf(Mail(Eve), Mail(Bob, cc: Eve)));
        Assert.Equal(FromData, RuleOf(Mail($"{Bob}; Eve <EVE@evil-optik.de>"), Mail(Eve)));
        Assert.Equal(FromData, RuleOf(Call("send_mail", ("to", new[] { Bob, Eve }), ("text", "a")), Mail(Eve)));
    }

    [Fact]
    public void WhomOnlyTheUserKnowsIsTheUsers()
    {
        Assert.Null(RuleOf(Mail(Bob), Mail(Eve)));
        Assert.Null(RuleOf(Mail(Bob, cc: "mira@quellbruck-optik.de"), Mail(Eve)));
        Assert.Null(RuleOf(Mail(""), Mail("")));   // nobody is no destination that two calls have
        Assert.Null(RuleOf(Mail(Bob), Call("send_message", ("to", Bob))));
        Assert.Null(RuleOf(Mail(Bob)));
    }

    [Fact]
    public void OneOfSeveralDestinationsIsEnough() =>
        Gen.Select(Gen.Int[0, 5].Array[1, 4], Gen.Int[0, 5].Array[1, 4]).Sample(static (to, others) =>
        {
            var rule = RuleOf(Mail(Addresses(to)), Mail(Addresses(others)));
            Assert.Equal(to.Intersect(others).Any() ? FromData : null, rule);
            Assert.Equal(rule, RuleOf(Mail(Addresses(others)), Mail(Addresses(to))));

            static string Addresses(int[] numbers) => string.Join(", ", numbers.Select(static number => $"n{number}@quellbruck-optik.de"));
        });

    [Fact]
    public void ObjectsOfOneAmongThoseOfTheOtherAreTheSame()
    {
        Assert.Equal(FromData, RuleOf(Files("a.txt", "b.txt"), Files("b.txt")));
        Assert.Equal(FromData, RuleOf(Files("b.txt"), Files("a.txt", "b.txt")));
        Assert.Null(RuleOf(Files("a.txt"), Files("b.txt")));
        Assert.Null(RuleOf(Call("move_file", ("path", "a.txt"), ("folder", "mine")), Call("move_file", ("path", "a.txt"), ("folder", "theirs"))));
    }

    private static ToolCall Mail(string to, string? cc = null) => cc is null ? Call("send_mail", ("to", to), ("text", "the page")) : Call("send_mail", ("to", to), ("cc", cc), ("text", "the page"));

    private static ToolCall Files(params string[] paths) => Call("delete_files", ("paths", paths));

    private static ToolCall Call(string tool, params (string, object?)[] arguments) => new(tool, Given.Arguments(arguments)) { Tools = Guard.Tools(tool) };

    /// <summary>The rule against a call, where the second look made these, each with other words.</summary>
    private static string? RuleOf(ToolCall call, params ToolCall[] others) => new MaskedCalls(
        [.. others.Select(static other => other with { Arguments = ToolArguments.From([.. other.Arguments.Values().Where(static value => value.Key != "text"), KeyValuePair.Create("text", (object?)"other words")]) })],
        AlignmentStrictness.High).Against(call, Guard.Pipeline.Policy.Tools)?.Rule;
}
