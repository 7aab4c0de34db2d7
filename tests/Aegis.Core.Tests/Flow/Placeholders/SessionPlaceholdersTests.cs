using Aegis.Core.Tests.Sessions;
using Aegis.Flow.Placeholders;
using Aegis.Policies;
using CsCheck;

namespace Aegis.Core.Tests.Flow.Placeholders;

public class SessionPlaceholdersTests
{
    private const string Letters = "bcdfghjklmnpqrstvwxz";

    private static readonly Gen<string> Words = Gen.String[Gen.Char["abc ,.;\n()é😀-"], 0, 12].Where(static text => !text.Any(char.IsSurrogate));

    private static readonly Gen<string> Value = Gen.Select(Gen.String[Gen.Char["acdeik"], 1, 8], Gen.String[Gen.Char["acdeik"], 3, 8]).Select(static parts => $"{parts.Item1}@{parts.Item2}.de");

    private static readonly Gen<(string Before, string Value)[]> Typed = Gen.Select(Words, Value).Array[1, 6];

    private static readonly AegisPolicy Policy = Given.Open with
    {
        DataFlow = new() { Provenance = ProvenanceMode.Off, PiiScope = [PiiScope.Input] },
        Tools = new Dictionary<string, ToolPolicy> { ["get"] = new() { Arguments = new Dictionary<string, ArgumentPolicy> { ["to"] = new() { Restore = ["email"] }, ["phone"] = new() { Restore = ["phone"] }, ["all.deep"] = new() { Restore = ["*"] } } } },
    };

    [Fact]
    public void AValueHasOnePlaceholderASessionAndNoOtherValueOrSessionHasIt() => Value.Array[1, 40].Sample(static values =>
    {
        var (one, other) = (new SessionPlaceholders(), new SessionPlaceholders());
        var first = values.Select(value => one.For("EMAIL", value)!).ToList();
        Assert.Equal(first, values.Select(value => one.For("EMAIL", value)!));
        Assert.Equal(values.Distinct(StringComparer.Ordinal).Count(), first.Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(first.Intersect(values.Select(value => other.For("EMAIL", value)!), StringComparer.Ordinal));
    });

    [Fact]
    public async Task WhatIsReplacedComesBackInArgumentsThatMayHaveItAndNowhereElse() => await Typed.SampleAsync(async typed =>
    {
        var guard = Given.Guard(Policy);
        var session = new SessionId("s");
        var text = string.Concat(typed.Select(static part => $"{part.Before} {part.Value} ")) + "ok";
        var read = (await guard.InspectAsync(new UserInput(text), session, Given.Cancel)).Subject.Text;
        Assert.DoesNotContain('@', read);

        var arguments = Given.Arguments(("to", read), ("note", read), ("phone", read), ("all", new Dictionary<string, object?> { ["deep"] = new List<object?> { read }, ["other"] = read }), (read, "key"));
        var call = (await guard.InspectAsync(new ToolCall("get", arguments) { Tools = guard.Tools("get"), Editable = true }, session, Given.Cancel)).Subject;
        var expected = Given.Arguments(("to", text), ("note", read), ("phone", read), ("all", new Dictionary<string, object?> { ["deep"] = new List<object?> { text }, ["other"] = read }), (read, "key"));
        Assert.Equal(expected.Canonical, call.Arguments.Canonical);

        foreach (var (tool, other, isEditable) in new[] { ("other", session, true), ("get", new SessionId("t"), true), ("get", session, false) })
        {
            var elsewhere = await guard.InspectAsync(new ToolCall(tool, arguments) { Tools = guard.Tools(tool), Editable = isEditable }, other, Given.Cancel);
            Assert.Equal(arguments.Canonical, elsewhere.Subject.Arguments.Canonical);
        }

        Assert.Equal(read, (await guard.InspectAsync(new OutputWindow(read), session, Given.Cancel)).Subject.Text);
        Assert.DoesNotContain('[', (await guard.InspectAsync(new ToolResult("get", read), session, Given.Cancel)).Subject.Text);
        Assert.Equal(read, (await guard.InspectAsync(new ToolResult("get", text), session, Given.Cancel)).Subject.Text);
    }, iter: 200);

    [Fact]
    public void NothingMakesItLargerThanItsBounds()
    {
        var many = new SessionPlaceholders();
        Assert.Equal(SessionPlaceholders.MaxValues, Enumerable.Range(0, 400).Count(i => many.For("EMAIL", FormattableString.Invariant($"{i}@x.de")) is not null));
        Assert.NotNull(many.For("EMAIL", "0@x.de"));

        var large = new SessionPlaceholders();
        Assert.Equal(SessionPlaceholders.MaxCharacters / 512, Enumerable.Range(0, 100).Count(i => large.For("EMAIL", FormattableString.Invariant($"{i:D512}")) is not null));
    }

    [Fact]
    public async Task WhereThereIsNoRoomAValueIsReplacedForGood()
    {
        var guard = Given.Guard(Policy with { Input = new() { MaxLength = 100_000 } });
        var text = string.Join(' ', Enumerable.Range(0, SessionPlaceholders.MaxValues + 1).Select(static i => FormattableString.Invariant($"person{i}@quellbruck-optik.de")));
        var read = (await guard.InspectAsync(new UserInput(text), new("s"), Given.Cancel)).Subject.Text;
        Assert.EndsWith("] [REDACTED-EMAIL]", read, StringComparison.Ordinal);
        Assert.Equal(SessionPlaceholders.MaxValues, Placeholder.In(read).Count());
    }

    [Theory]
    [InlineData("12345678", "order 912345678 of 12345678.", "order 912345678 of [P].")]
    [InlineData("12345678", "x12345678 12345678x", "x12345678 12345678x")]
    [InlineData("Mira@X.de", "<mira@x.de>,MIRA@X.DE", "<[P]>,[P]")]
    public void AKnownValueIsReplacedWhereItStandsWhole(string value, string text, string replaced)
    {
        var placeholders = new SessionPlaceholders();
        var placeholder = placeholders.For("ID", value)!;
        Assert.Equal(replaced.Replace("[P]", placeholder, StringComparison.Ordinal), placeholders.Replaced(text));
    }

    [Fact]
    public void APlaceholderIsFoundWhateverStandsAroundIt() => Gen.Select(Gen.String[Gen.Char["[]-ABCbcdfghjklmnp "], 0, 30], Gen.String[Gen.Char[Letters], 12, 12], Gen.String[Gen.Char["[]- x"], 0, 9]).Sample(static (before, letters, after) =>
        Assert.Contains(new TextRange(before.Length, before.Length + 20), Placeholder.In($"{before}[EMAIL-{letters}]{after}")));

    [Theory]
    [InlineData("[EMAIL-bcdfghjklmn]")]
    [InlineData("[EMAIL-bcdfghjklmnpq]")]
    [InlineData("[email-bcdfghjklmnp]")]
    [InlineData("[EMAIL-BCDFGHJKLMNP]")]
    [InlineData("[-bcdfghjklmnp]")]
    [InlineData("[REDACTED-EMAIL]")]
    [InlineData("[EMAIL-bcdfghjklmnp")]
    public void WhatHasAnotherShapeIsNone(string text) => Assert.Empty(Placeholder.In(text));
}
