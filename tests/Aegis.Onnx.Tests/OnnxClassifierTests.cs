using Aegis.Onnx.Tests.Files;
using CsCheck;

namespace Aegis.Onnx.Tests;

public sealed class OnnxClassifierTests : IDisposable
{
    private const double Exactly = 1e-5;

    private static readonly Gen<string[]> Sentences = Pick.Of(Small.Plain).Array[1, 60];

    private readonly Folder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hello", 0.182426)]        // harmless 1.5, attack 0: 1 / (1 + e^1.5)
    [InlineData("zork", 0.731059)]         // 1 and 2: 1 / (1 + e^-1)
    [InlineData("zork zork", 0.952574)]    // 1 and 4: 1 / (1 + e^-3)
    [InlineData("Zork, HELLO zork.", 0.939913)]   // 1.5 and 4.25 (the comma is unknown): 1 / (1 + e^-2.75)
    public async Task TheRiskIsTheProbabilityOfAnAttack(string text, double risk)
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder));

        Assert.Equal(risk, (await classifier.ClassifyAsync(text, Checkpoint.Input, Cancel)).Risk, Exactly);
    }

    [Theory]
    [InlineData(2, 0.622459)]     // 1 / (1 + e^-0.5)
    [InlineData(0.5, 0.880797)]   // 1 / (1 + e^-2)
    public async Task ATemperatureMakesItLessOrMoreSure(double temperature, double risk)
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder) with { Temperature = temperature });

        Assert.Equal(risk, (await classifier.ClassifyAsync("zork", Checkpoint.Input, Cancel)).Risk, Exactly);
    }

    [Theory]
    [InlineData(new[] { 1 }, 0.422319)]      // logits 1, 1 and 0: e / (2e + 1)
    [InlineData(new[] { 2 }, 0.155362)]      // 1 / (2e + 1)
    [InlineData(new[] { 1, 2 }, 0.577681)]
    public async Task SeveralAttackClassesAreAddedUp(int[] classes, double risk)
    {
        var model = new OnnxFile { Table = [.. Small.Words.Select(static _ => new float[3])], Bias = [1, 1, 0] };
        using var classifier = OnnxClassifier.Load(Small.Options(_folder, model) with { AttackClasses = classes });

        Assert.Equal(risk, (await classifier.ClassifyAsync("hello", Checkpoint.Input, Cancel)).Risk, Exactly);
    }

    [Fact]
    public async Task ACalibrationDrawsStraightLinesBetweenItsPoints()
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder) with { Calibration = [new(0, 0), new(0.5, 0.9), new(1, 1)] });

        Assert.Equal(0.182426 * 0.9 / 0.5, (await classifier.ClassifyAsync("hello", Checkpoint.Input, Cancel)).Risk, Exactly);
        Assert.Equal(0.9 + ((0.952574 - 0.5) * 0.1 / 0.5), (await classifier.ClassifyAsync("zork zork", Checkpoint.Input, Cancel)).Risk, Exactly);
    }

    [Fact]
    public async Task TokenTypesAreZero()
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder, Small.Model with { HasTypes = true }));

        Assert.Equal(Small.Risk(["hello"]), (await classifier.ClassifyAsync("hello", Checkpoint.Input, Cancel)).Risk, Exactly);
    }

    [Fact]
    public async Task ALongTextIsReadInWindowsAndTheLargestRiskCounts()
    {
        var options = Small.Options(_folder);
        using var classifier = OnnxClassifier.Load(options);
        await Gen.Select(Sentences, Pick.Of(" ", "\n", "\t", "   ")).SampleAsync(async (words, gap) =>
        {
            var text = string.Join(gap, words);
            var (risk, from, to) = Small.Judge(words, options.MaxTokens - 2, options.Overlap);
            var found = await classifier.ClassifyAsync(text, Checkpoint.ToolResult, Cancel);
            Assert.Equal(risk, found.Risk, Exactly);
            var start = words[..from].Sum(word => word.Length + gap.Length);
            Assert.Equal(new TextRange(start, start + words[from..to].Sum(word => word.Length + gap.Length) - gap.Length), found.Range);
        }, iter: 300);
    }

    [Fact]
    public async Task AnAttackIsFoundWhereverItStands()
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder));
        for (var at = 0; at < 100; at++)
        {
            var words = Enumerable.Repeat("bread", 100).ToArray();
            words[at] = "zork";
            var found = await classifier.ClassifyAsync(string.Join(' ', words), Checkpoint.Input, Cancel);
            var quiet = await classifier.ClassifyAsync(string.Join(' ', Enumerable.Repeat("bread", 100)), Checkpoint.Input, Cancel);
            var place = words[..at].Sum(static word => word.Length + 1);
            Assert.True(found.Risk > quiet.Risk + 0.1);
            Assert.True(found.Range is { } range && range.Start <= place && place + 4 <= range.End);
        }
    }

    [Fact]
    public async Task ATextMayBeCutAnywhere()
    {
        var options = Small.Options(_folder);
        using var classifier = OnnxClassifier.Load(options);
        var text = string.Concat(Enumerable.Repeat("hello weather zork mild bread ", 10));
        for (var end = 1; end <= text.Length; end++)
        {
            var words = text[..end].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(Small.Judge(words, options.MaxTokens - 2, options.Overlap).Risk, (await classifier.ClassifyAsync(text[..end], Checkpoint.Input, Cancel)).Risk, Exactly);
        }
    }

    [Fact]
    public async Task HowManyWindowsARunJudgesChangesNothing()
    {
        var options = Small.Options(_folder);
        var classifiers = new[] { 1, 2, 3, 8 }.Select(size => OnnxClassifier.Load(options with { BatchSize = size })).ToArray();
        await Sentences.SampleAsync(async words =>
        {
            var text = string.Join(' ', words);
            var single = await classifiers[0].ClassifyAsync(text, Checkpoint.Input, Cancel);
            foreach (var classifier in classifiers[1..])
            {
                Assert.Equal(single, await classifier.ClassifyAsync(text, Checkpoint.Input, Cancel));
            }
        }, iter: 100);
        Array.ForEach(classifiers, static classifier => classifier.Dispose());
    }

    [Theory]
    [InlineData(null, 20)]
    [InlineData(1, 20)]
    [InlineData(3, 16)]
    [InlineData(3, null)]
    public async Task WhatFillsUpAFixedSizeCountsForNothing(int? batch, int? sequence)
    {
        var options = Small.Options(_folder);
        using var free = OnnxClassifier.Load(options);
        using var fixedSize = OnnxClassifier.Load(options with { ModelPath = _folder.File("fixed.onnx", (Small.Model with { Batch = batch, Sequence = sequence }).Write()) });
        await Sentences.SampleAsync(async words =>
        {
            var text = string.Join(' ', words);
            Assert.Equal((await free.ClassifyAsync(text, Checkpoint.Input, Cancel)).Risk, (await fixedSize.ClassifyAsync(text, Checkpoint.Input, Cancel)).Risk, Exactly);
        }, iter: 100);
    }

    [Fact]
    public async Task ATextWithoutTokensIsJudgedAsAWhole()
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder));
        foreach (var text in new[] { " ", "\u0001\u200B\n", "\uD83D" })
        {
            var found = await classifier.ClassifyAsync(text, Checkpoint.Input, Cancel);
            Assert.Equal(Small.Risk([]), found.Risk, Exactly);
            Assert.Null(found.Range);
        }
    }

    [Fact]
    public async Task AnyTextHasARiskAndARangeInIt()
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder));
        await Gen.OneOf(Pick.Of("zork", "hello", " ", "\n", "é", "日本", "😀", "\uD83D", "\uDE00", "\u0301", "\uFFFE", "ǅ", "ﬃ", "[SEP]", "\u200B", "≠", "İ"), Gen.Char.Select(static c => c.ToString())).Array[1, 60].Select(string.Concat).SampleAsync(async text =>
        {
            var (risk, range) = await classifier.ClassifyAsync(text, Checkpoint.Input, Cancel);
            Assert.InRange(risk, 0, 1);
            Assert.True(range is null || Ranges.IsIn(text, range.Value), "a range is in the text, and cuts no character");
        }, iter: 1000);
    }

    [Theory]
    [InlineData("nan")]
    [InlineData("huge huge")]
    public async Task WhatIsNoNumberIsAnException(string text)
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder));

        Assert.Equal("The model's output is not a number.", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await classifier.ClassifyAsync(text, Checkpoint.Input, Cancel))).Message);
    }

    [Fact]
    public async Task ATextThatIsLongerThanTheBoundIsAnException()
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder) with { MaxCharacters = 5 });

        Assert.Equal(Small.Risk(["hello"]), (await classifier.ClassifyAsync("hello", Checkpoint.Input, Cancel)).Risk, Exactly);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await classifier.ClassifyAsync("hello ", Checkpoint.Input, Cancel));
        Assert.Equal("The text is longer than MaxCharacters of the classifier.", error.Message);
    }

    [Fact]
    public async Task ItJudgesWhereItIsTo()
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder) with { Checkpoints = [Checkpoint.ToolResult] });

        Assert.Equal(new TextRisk(0), await classifier.ClassifyAsync("zork zork", Checkpoint.Input, Cancel));
        Assert.True((await classifier.ClassifyAsync("zork zork", Checkpoint.ToolResult, Cancel)).Risk > 0.9);
    }

    [Fact]
    public async Task ManyThreadsGetTheSameRisks()
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder));
        var texts = Enumerable.Range(1, 40).Select(static count => string.Join(' ', Enumerable.Range(0, count).Select(i => Small.Plain[i * count % Small.Plain.Length]))).ToArray();
        var alone = new List<TextRisk>();
        foreach (var text in texts)
        {
            alone.Add(await classifier.ClassifyAsync(text, Checkpoint.Input, Cancel));
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var risks = new List<TextRisk>();
            foreach (var text in texts)
            {
                risks.Add(await classifier.ClassifyAsync(text, Checkpoint.Input, Cancel));
            }

            return risks;
        })));
        Assert.All(together, risks => Assert.Equal(alone, risks));
    }

    [Fact]
    public async Task ACancelledCallEnds()
    {
        using var classifier = OnnxClassifier.Load(Small.Options(_folder));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await classifier.ClassifyAsync("hello", Checkpoint.Input, new(canceled: true)));
    }

    [Fact]
    public async Task WhatWasDisposedOfJudgesNothing()
    {
        var classifier = OnnxClassifier.Load(Small.Options(_folder));
        classifier.Dispose();
        classifier.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await classifier.ClassifyAsync("hello", Checkpoint.Input, Cancel));
    }

    [Fact]
    public async Task DisposingWaitsForWhatRuns()
    {
        var classifier = OnnxClassifier.Load(Small.Options(_folder));
        var text = string.Join(' ', Enumerable.Repeat("zork hello", 2000));
        var expected = (await classifier.ClassifyAsync(text, Checkpoint.Input, Cancel)).Risk;
        var started = new TaskCompletionSource();
        var running = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            started.TrySetResult();
            while (true)
            {
                Assert.Equal(expected, (await classifier.ClassifyAsync(text, Checkpoint.Input, Cancel)).Risk);
            }
        })).ToArray();
        await started.Task;
        classifier.Dispose();

        foreach (var task in running)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => task);
        }
    }
}
