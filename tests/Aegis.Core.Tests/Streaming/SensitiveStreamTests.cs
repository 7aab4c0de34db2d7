using Aegis.Core.Tests.Scanning.Sensitive;
using Aegis.Policies;
using Aegis.Scanning.Sensitive;
using CsCheck;

namespace Aegis.Core.Tests.Streaming;

/// <summary>Values never leave, however the answer arrives.</summary>
public class SensitiveStreamTests
{
    private static readonly int Texts = Extent.Of(500, 50);   // promise P16 whole, or a part of it

    private static readonly string[] Values = [.. SensitiveExamples.All.Where(static example => !example.Rule.IsOpen && example.Rule.Kind != SensitiveKind.Payload).SelectMany(static example => example.Match)];
    private static readonly Gen<string> Clean = Any("Sure,", "here", "is", "what", "I", "found", "in", "the", "notes:", "version 1.2.3", "(see page 12)", "on 2026-11-03,", "日本語", "naïve", "😀", "\n- ", "it's", "e.g.", "https://docs.example/a?b=1", "100 %", "order 48213", "\ud83d", "don't", "“quoted”").Array[0, 12].Select(static words => string.Join(' ', words));

    private static readonly string[][] Some = [["*"], ["phone"], ["iban", "credit-card", "email"], ["postal-address", "ip-address"]];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryCutInTwoReleasesTheSameAndNothingOfAValue()
    {
        foreach (var (number, example) in Values.Where((_, index) => index % (Values.Length / Texts) == 0).Index())
        {
            var guard = Guard(blocks: number % 2 == 0);
            var (text, values) = SensitiveExamples.Unmarked($"Sure, here it is:\n{example}\nAnything else?");
            var whole = await Streamed.RunAsync(guard, [text]);
            Assert.All(values, value => Assert.DoesNotContain(text[value.Start..value.End], whole, StringComparison.Ordinal));
            for (var cut = 1; cut < text.Length; cut++)
            {
                Assert.Equal(whole, await Streamed.RunAsync(guard, [text[..cut], text[cut..]]));
            }
        }
    }

    [Fact]
    public async Task ACutAnywhereReleasesTheSame() => await Gen.Select(Clean, Any(Values), Clean, Any(Values), Gen.Int[1, 20].Array[1, 30], Gen.Bool).SampleAsync(async (before, first, between, second, sizes, blocks) =>
    {
        var (text, _) = SensitiveExamples.Unmarked($"{before} {first} {between}{second}");
        var guard = Guard(blocks);
        var whole = await Streamed.RunAsync(guard, [text]);
        Assert.Equal(whole, await Streamed.RunAsync(guard, Streamed.Cut(text, sizes)));
        Assert.Equal(whole, await Streamed.RunAsync(guard, text.Select(static c => c.ToString())));
    }, iter: Extent.Of(10_000, 300));

    [Fact]
    public async Task AnythingMayArrive() => await Gen.Select(Gen.String, Gen.Int[1, 9].Array[1, 9]).SampleAsync(async (text, sizes) => Assert.Equal(await Streamed.RunAsync(Guard(false), [text]), await Streamed.RunAsync(Guard(false), Streamed.Cut(text, sizes))), iter: 300);

    [Fact]
    public async Task OfCleanTextHalfTheTimeSixteenCharactersOrFewerAreHeldBack()
    {
        var text = string.Join(' ', SensitiveExamples.All.SelectMany(static example => example.Pass.Take(1)).Where(static example => example.All(static c => char.IsLetter(c) || c is ' ' or ',' or '.')));
        var (held, shown) = (new List<int>(), 0);
        var monitor = Streamed.Monitor(Guard(false));
        for (var i = 0; i < text.Length; i++)
        {
            shown += (await monitor.PushAsync(text[i].ToString(), Cancel)).Length;
            held.Add(i + 1 - shown);
        }

        Assert.True(text.Length > 1_000);
        Assert.InRange(held.Order().ElementAt(held.Count / 2), 0, 16);
    }

    [Theory]
    [InlineData("write to mira.kolbe@quellbruck-optik.de today", "write to [REDACTED-EMAIL] today")]
    [InlineData("card 4539 1488 0343 6467, thanks", "card [REDACTED-CREDIT-CARD], thanks")]
    [InlineData("card 4539 1488 0343 6468, thanks", "card 4539 1488 0343 6468, thanks")]
    [InlineData("IBAN DE89 3704 0044 0532 0130 00 it is", "IBAN [REDACTED-IBAN] it is")]
    public async Task PersonalDataIsReplacedByItsType(string text, string released) => Assert.Equal(released, await Streamed.RunAsync(Guard(false), [text]));

    [Fact]
    public async Task AKindThatMayPassIsShownWholeAtAnyCut()
    {
        var guard = AegisGuard.Create(new AegisPolicy { DataFlow = new() { PiiAllow = ["iban"] } });
        const string text = "IBAN DE89 3704 0044 0532 0130 00, or call +44 20 7946 0018 now.";
        for (var cut = 0; cut < text.Length; cut++)
        {
            Assert.Equal("IBAN DE89 3704 0044 0532 0130 00, or call [REDACTED-PHONE] now.", await Streamed.RunAsync(guard, [text[..cut], text[cut..]]));
        }
    }

    [Fact]
    public async Task WithKindsThatMayPassACutAnywhereReleasesTheSame() => await Gen.Select(Clean, Any(Values), Clean, Any(Values), Gen.Int[1, 20].Array[1, 30], Gen.Int[0, Some.Length - 1]).SampleAsync(async (before, first, between, second, sizes, allowed) =>
    {
        var (text, _) = SensitiveExamples.Unmarked($"{before} {first} {between}{second}");
        var guard = AegisGuard.Create(new AegisPolicy { DataFlow = new() { PiiAllow = Some[allowed], PiiBlock = ["medical-record-number"] }, Output = new() { BlockOnLeak = false, MaxLength = 1_000_000 } });
        var whole = await Streamed.RunAsync(guard, [text]);
        Assert.Equal(whole, await Streamed.RunAsync(guard, Streamed.Cut(text, sizes)));
        Assert.Equal(whole, await Streamed.RunAsync(guard, text.Select(static c => c.ToString())));
    }, iter: Extent.Of(3_000, 100));

    [Fact]
    public async Task ASecretEndsTheAnswerBeforeIt()
    {
        var guard = AegisGuard.Create(new AegisPolicy());
        var monitor = Streamed.Monitor(guard);
        var released = "";
        foreach (var c in "The token is ghp_" + "f3kQ9xT2mVb7Lw0RzYc8NsJd4HgA6EuP1iKo, keep it.")
        {
            released += await monitor.PushAsync(c.ToString(), Cancel);
        }

        released += await monitor.FlushAsync(Cancel);
        Assert.Equal(("The token is ", "secrets/github-pat"), (released, monitor.Stopped?.Verdict.Rule));
    }

    [Fact]
    public async Task ASecretThatIsTooLongToBeSeenWholeEndsTheAnswerEvenWhereSecretsAreReplaced()
    {
        var (text, _) = SensitiveExamples.Unmarked(SensitiveExamples.All.Single(static example => example.Rule.Id == "secrets/private-key").Match[0]);
        var start = text.IndexOf("-----BEGIN", StringComparison.Ordinal);
        Assert.Equal(text[..start], await Streamed.RunAsync(Guard(false), Streamed.Cut($"{text}\nmore", [3])));
    }

    private static Gen<string> Any(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static AegisGuard Guard(bool blocks) => blocks ? Blocking.Value : Redacting.Value;

    private static readonly Lazy<AegisGuard> Redacting = new(static () => AegisGuard.Create(new AegisPolicy { Output = new() { BlockOnLeak = false } }));
    private static readonly Lazy<AegisGuard> Blocking = new(static () => AegisGuard.Create(new AegisPolicy { DataFlow = new() { PiiHandling = PiiHandling.Block } }));
}
