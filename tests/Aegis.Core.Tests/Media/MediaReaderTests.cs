using Aegis.Core.Tests.Sessions;
using Aegis.Media;
using Aegis.Policies;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Media;

public class MediaReaderTests
{
    private static readonly byte[] Png = [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 1, 2, 3];

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task MediaThatIsTooLargeIsNeitherReadNorCopied()
    {
        var extractor = new ScriptedExtractor(new ExtractedText("a", 1));
        var data = new byte[100_000_000];
        Png.CopyTo(data, 0);
        var (media, reader) = (new MediaContent(data, "image/png"), Reader(extractor));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reading = reader.ReadAsync(media, Given.Cancel);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal(MediaReader.TooLarge, (await reading).Refusal?.Rule);
        Assert.Equal(0, extractor.Calls);
    }

    [Theory]
    [InlineData("image/png", null)]
    [InlineData("IMAGE/PNG; charset=x", null)]
    [InlineData("image/*", null)]
    [InlineData("image/jpeg", MediaReader.Mismatch)]
    [InlineData("application/pdf", MediaReader.Mismatch)]
    [InlineData("application/zip", MediaReader.WrongType)]
    [InlineData("text/plain", MediaReader.WrongType)]
    [InlineData("image", MediaReader.WrongType)]
    [InlineData("", MediaReader.WrongType)]
    [InlineData("image/png\n", null)]
    [InlineData("im\0age/png", MediaReader.WrongType)]
    public async Task OnlyTypesOfThePolicyAreReadAndOnlyWhereTheyAreTrue(string declared, string? rule)
    {
        var extractor = new ScriptedExtractor(new ExtractedText("a", 1));
        var reading = await Reader(extractor).ReadAsync(new(Png, declared), Given.Cancel);
        Assert.Equal(rule, reading.Refusal?.Rule);
        Assert.Equal(rule is null ? 1 : 0, extractor.Calls);
        Assert.Equal(rule is null ? "image/png" : "", reading.MediaType);
        Assert.DoesNotContain("charset", reading.Refusal?.ToString() ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnOpenTypeIsNoWayAroundTheListOfTypes()
    {
        var reader = Reader(new ScriptedExtractor(new ExtractedText("a", 1)), new() { Types = ["image/jpeg"] });
        Assert.Equal(MediaReader.WrongType, (await reader.ReadAsync(new(Png, "image/*"), Given.Cancel)).Refusal?.Rule);
        Assert.Equal(MediaReader.WrongType, (await reader.ReadAsync(new(new Uri("https://x.example/a"), "image/png"), Given.Cancel)).Refusal?.Rule);
    }

    public static TheoryData<string> Nonsense => ["null", "nan", "below", "above", "no text", "no metadata", "no name", "no value", "throws", "throws at once", "cancels itself"];

    [Theory, MemberData(nameof(Nonsense))]
    public async Task AnAnswerThatMakesNoSenseIsNoAnswer(string kind)
    {
        var reading = await Reader(new ScriptedExtractor((_, _) => kind switch
        {
            "null" => new((ExtractedText)null!),
            "nan" => new(new ExtractedText("a", double.NaN)),
            "below" => new(new ExtractedText("a", -0.01)),
            "above" => new(new ExtractedText("a", 1.01)),
            "no text" => new(new ExtractedText(null!, 1)),
            "no metadata" => new(new ExtractedText("a", 1) { Metadata = null! }),
            "no name" => new(new ExtractedText("a", 1) { Metadata = [new(null!, "a")] }),
            "no value" => new(new ExtractedText("a", 1) { Metadata = [new("a", null!)] }),
            "throws" => ValueTask.FromException<ExtractedText>(new InvalidOperationException("secret words")),
            "throws at once" => throw new InvalidOperationException("secret words"),
            _ => ValueTask.FromException<ExtractedText>(new OperationCanceledException()),
        })).ReadAsync(new(Png, "image/png"), Given.Cancel);
        Assert.Equal((MediaReader.Unreadable, Decision.Block), (reading.Refusal?.Rule, reading.Refusal?.Decision));
        Assert.DoesNotContain("secret", reading.Refusal!.ToString(), StringComparison.Ordinal);
        Assert.True(reading.MayChange);
        Assert.True(reading.Refusal.IsFailure);
    }

    [Theory, InlineData(typeof(InvalidDataException)), InlineData(typeof(FormatException)), InlineData(typeof(EndOfStreamException)), InlineData(typeof(System.Text.Json.JsonException), true)]
    public async Task AFileThatIsBrokenBlocksAndSaysNothingOfTheExtractor(Type type, bool isFailure = false)
    {
        var reading = await Reader(new ScriptedExtractor((_, _) => throw (Exception)Activator.CreateInstance(type, "secret words")!)).ReadAsync(new(Png, "image/png"), Given.Cancel);
        Assert.Equal((MediaReader.Unreadable, Decision.Block, type.Name, isFailure), (reading.Refusal!.Rule, reading.Refusal.Decision, reading.Refusal.Detail, reading.Refusal.IsFailure));
        Assert.Equal(isFailure, reading.MayChange);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnExtractorThatIsSlowIsGivenUp(bool listens)
    {
        var (asked, given) = (new TaskCompletionSource(), new TaskCompletionSource());
        var reading = Reader(new ScriptedExtractor(async (_, cancellationToken) =>
        {
            cancellationToken.Register(given.SetResult);
            asked.SetResult();
            await new TaskCompletionSource().Task.WaitAsync(listens ? cancellationToken : CancellationToken.None);
            return new ExtractedText("a", 1);
        })).ReadAsync(new(Png, "image/png"), Given.Cancel).AsTask();
        await asked.Task.WaitAsync(Given.Cancel);
        Assert.False(reading.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((MediaReader.Unreadable, "timeout", true), ((await reading).Refusal!.Rule, (await reading).Refusal!.Detail, (await reading).Refusal!.IsFailure));
        await given.Task.WaitAsync(Given.Cancel);
    }

    [Fact]
    public async Task AnExtractorThatBlocksItsThreadIsGivenUpToo()
    {
        using var free = new ManualResetEventSlim();
        var asked = new TaskCompletionSource();
        var reading = Reader(new ScriptedExtractor((_, _) =>
        {
            asked.SetResult();
            free.Wait(Given.Cancel);
            return new(new ExtractedText("a", 1));
        })).ReadAsync(new(Png, "image/png"), Given.Cancel).AsTask();
        await asked.Task.WaitAsync(Given.Cancel);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("timeout", (await reading).Refusal!.Detail);
        free.Set();
    }

    [Fact]
    public async Task ACallerThatGivesUpIsNotToldAboutMedia()
    {
        using var cancelled = new CancellationTokenSource();
        var asked = new TaskCompletionSource();
        var reading = Reader(new ScriptedExtractor(async (_, cancellationToken) =>
        {
            asked.SetResult();
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            return new ExtractedText("a", 1);
        })).ReadAsync(new(Png, "image/png"), cancelled.Token).AsTask();
        await asked.Task.WaitAsync(Given.Cancel);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task OfAnAddressThatCountsWhatWasReadThere()
    {
        var uri = new Uri("https://x.example/a.png");
        var reading = await Read(new ExtractedText("a", 1) { Data = Png }, "image/*");
        Assert.Equal(("image/png", "a", null), (reading.MediaType, reading.Text, reading.Refusal));
        Assert.True(reading.Data.Span.SequenceEqual(Png));
        Assert.True((await Read(new ExtractedText("a", 1), "image/png")).IsUnread);
        Assert.Equal(MediaReader.Mismatch, (await Read(new ExtractedText("a", 1) { Data = Png }, "image/gif")).Refusal?.Rule);
        Assert.Equal(MediaReader.TooLarge, (await Read(new ExtractedText("a", 1) { Data = new byte[10_485_761] }, "image/png")).Refusal?.Rule);

        ValueTask<MediaReading> Read(ExtractedText text, string type) => Reader(new ScriptedExtractor(text)).ReadAsync(new(uri, type), Given.Cancel);
    }

    [Fact]
    public async Task WhatIsReadIsTheTextAllMetadataAndTheName()
    {
        var text = new ExtractedText("TOTAL 6.20", 1) { Metadata = [new("Artist", "Ann"), new("Comment", "nice")] };
        Assert.Equal("TOTAL 6.20\nArtist: Ann\nComment: nice\nme.png", (await Reader(new ScriptedExtractor(text)).ReadAsync(new(Png, "image/png") { Name = "me.png" }, Given.Cancel)).Text);
    }

    [Fact]
    public async Task BytesThatStoodInTheConversationAreNotReplaced()
    {
        var reading = await Reader(new ScriptedExtractor(new ExtractedText("a", 1) { Data = new byte[] { 1 } })).ReadAsync(new(Png, "image/png"), Given.Cancel);
        Assert.True(reading.Data.Span.SequenceEqual(Png));
    }

    [Theory]
    [InlineData(0, "", 0.79)]
    [InlineData(0, "a", 0.75)]
    [InlineData(0.25, "a", 0.525)]
    [InlineData(0.25, " \n", 0.545)]
    [InlineData(0.5, "", 0)]
    [InlineData(1, "", 0)]
    public async Task DoubtIsRiskAndAReaderThatSawNothingHasTheMost(double confidence, string text, double risk) =>
        Assert.Equal(risk, await RiskOf(new ExtractedText(text, confidence)), 1e-9);

    [Fact]
    public async Task RiskFallsAsConfidenceGrowsAndNeverReachesABlockLine() => await Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0, 1]).SampleAsync(async (a, b, least) =>
    {
        var (low, high) = (Math.Min(a, b), Math.Max(a, b));
        var (risk, less, blind) = (await RiskOf(new("a", low), least), await RiskOf(new("a", high), least), await RiskOf(new("", low), least));
        Assert.True(blind >= risk && risk >= less);
        Assert.True(blind is 0 or (>= 0.3 and < 0.8));
        Assert.Equal(low < least, risk > 0);
    }, iter: 200);

    private async Task<double> RiskOf(ExtractedText text, double least = 0.5) => (await Reader(new ScriptedExtractor(text), new() { MinConfidence = least }).ReadAsync(new(Png, "image/png"), Given.Cancel)).Risk;

    private MediaReader Reader(ITextExtractor extractor, MediaPolicy? policy = null) => new(extractor, policy ?? new(), _time, TimeSpan.FromSeconds(10));
}
