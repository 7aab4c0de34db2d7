using Aegis.Onnx.Tests.Files;

namespace Aegis.Docs.Tests;

/// <summary>The code of docs/classifier.md.</summary>
public class OnnxSnippets
{
    [Fact]
    public async Task AModelFromAFileJudges()
    {
        Directory.CreateDirectory("prompt-guard");
        await File.WriteAllBytesAsync("prompt-guard/model.onnx", new OnnxFile { Table = [.. UnigramFiles.Pieces.Select(static piece => new[] { 0, piece.Piece == "▁previous" ? 3f : 0 })] }.Write(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync("prompt-guard/tokenizer.json", UnigramFiles.Json(), TestContext.Current.CancellationToken);
        // <onnx-classifier>
        var guard = AegisGuard.Create(AegisPolicy.Preset("balanced"), aegis => aegis.AddOnnxClassifier(new()
        {
            ModelPath = "prompt-guard/model.onnx",
            Tokenizer = OnnxTokenizer.TokenizerJson("prompt-guard/tokenizer.json"),
            Rule = "classifier/prompt-guard",
            AttackClasses = [1],   // as 'id2label' of its config.json says; of Prompt Guard 1: [1, 2]
        }));
        // </onnx-classifier>
        Assert.Equal("classifier/prompt-guard", (await guard.InspectAsync(new UserInput("a previous"), new("s"), TestContext.Current.CancellationToken)).Verdict.Rule);
        Assert.True((await guard.InspectAsync(new UserInput("a b"), new("s"), TestContext.Current.CancellationToken)).MayProceed);
    }
}
