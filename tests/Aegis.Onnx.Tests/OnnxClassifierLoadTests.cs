using Aegis.Onnx.Tests.Files;
using CsCheck;

namespace Aegis.Onnx.Tests;

public sealed class OnnxClassifierLoadTests : IDisposable
{
    private const string Fails = "The model fails at a text without words, or its output is not of the shape [batch, classes], or no numbers. Export it for text classification.";

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AFileThatIsNotThereIsSaid()
    {
        var options = Small.Options(_folder) with { ModelPath = _folder.Named("none.onnx"), Tokenizer = OnnxTokenizer.BytePairs(_folder.Named("vocab.json"), _folder.Named("merges.txt")) };

        Assert.Equal(
        [
            $"{_folder.Named("vocab.json")}: Tokenizer: There is no such file. Take it from the model's folder, or correct the path.",
            $"{_folder.Named("merges.txt")}: Tokenizer: There is no such file. Take it from the model's folder, or correct the path.",
            $"{_folder.Named("none.onnx")}: ModelPath: There is no such file. Export the model, or correct the path.",
        ], Mistakes(options));
        Assert.Equal(["ModelPath: No model is named. Give the path of an ONNX file."], Mistakes(Small.Options(_folder) with { ModelPath = "" }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a model")]
    [InlineData("{\"a\": 1}")]
    public void AFileThatIsNoModelIsSaid(string content)
    {
        var path = _folder.File("other.onnx", content);

        Assert.Equal([$"{path}: ModelPath: It cannot be read as an ONNX model. Export it again, for text classification, and keep its external data beside it."], Mistakes(Small.Options(_folder) with { ModelPath = path }));
    }

    [Fact]
    public void InputsThatAreOthersAreSaid()
    {
        Assert.Equal(
            ["The model has no input 'input_ids'. Export it for text classification.", "The model wants an input 'pixels'. A classifier gives 'input_ids', 'attention_mask' and 'token_type_ids': export it for text classification."],
            OfModel(Small.Model with { Ids = "pixels" }));
        Assert.Equal(["The model wants an input 'extra'. A classifier gives 'input_ids', 'attention_mask' and 'token_type_ids': export it for text classification."], OfModel(Small.Model with { Extra = "extra" }));
        Assert.Equal(["The input 'input_ids' is not int64 of the shape [batch, sequence]. Export it for text classification."], OfModel(Small.Model with { IdsType = 1 }));
    }

    [Fact]
    public void OutputsThatAreOthersAreSaid()
    {
        Assert.Equal(["The model has several outputs, and none is called 'logits'. Export it for text classification."], OfModel(Small.Model with { Output = "scores", HasSecondOutput = true }));
        Assert.Equal(["The output 'logits' is not float of the shape [batch, classes]. Export it for text classification, in single precision."], OfModel(Small.Model with { SaysLengths = true }));
        OnnxClassifier.Load(Small.Options(_folder, Small.Model with { Output = "scores" })).Dispose();
        OnnxClassifier.Load(Small.Options(_folder, Small.Model with { HasSecondOutput = true })).Dispose();
    }

    [Fact]
    public void ClassesThatTheModelHasNotAreSaid()
    {
        var options = Small.Options(_folder);

        Assert.Equal([$"{options.ModelPath}: AttackClasses: The model has 2 classes, from 0 to 1. Look at 'id2label' in its config.json."], Mistakes(options with { AttackClasses = [1, 2] }));
        Assert.Equal([$"{options.ModelPath}: AttackClasses: All of the model's 2 classes are attacks. Leave one that is none."], Mistakes(options with { AttackClasses = [0, 1] }));
    }

    [Fact]
    public void AVocabularyThatTheModelDoesNotKnowIsSaid()
    {
        var vocabulary = _folder.File("larger.txt", Small.Vocabulary + "more\n");

        Assert.Equal([$"{vocabulary}: Tokenizer: The model does not know the vocabulary's last token. Take the tokenizer that was trained with the model."], Mistakes(Small.Options(_folder) with { Tokenizer = OnnxTokenizer.WordPiece(vocabulary) }));
    }

    [Fact]
    public void AVocabularyWhoseFirstTokensTheModelDoesNotKnowIsSaid() => Assert.Equal([Fails], OfModel(new() { Table = [[0, 0]] }));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void AModelThatSaysNoNumbersIsSaid(float bias) => Assert.Equal([Fails], OfModel(Small.Model with { Bias = [0, bias] }));

    [Fact]
    public void MoreTokensThanTheModelReadsAreSaid()
    {
        Assert.Equal(["The model fails at 2 windows of 16 tokens. Give as many tokens as it was trained with, or export it with sizes that are free."], OfModel(Small.Model with { Positions = 15 }));
        OnnxClassifier.Load(Small.Options(_folder, Small.Model with { Positions = 16 })).Dispose();
        Assert.Equal(["The model reads 12 tokens at once. Give at most that."], OfModel(Small.Model with { Sequence = 12 }));
    }

    [Fact]
    public void AVocabularyOfAnotherKindIsSaid()
    {
        var options = Small.Options(_folder);
        var path = _folder.File("other", "[\u0001");

        foreach (var (tokenizer, kind) in new[]
        {
            (OnnxTokenizer.TokenizerJson(path), "a tokenizer.json"), (OnnxTokenizer.SentencePiece(path), "a SentencePiece model"), (OnnxTokenizer.WordPiece(path), "a vocab.txt of WordPiece"),
            (OnnxTokenizer.BytePairs(path, path), "a vocab.json with its merges.txt"),
        })
        {
            Assert.Equal([$"{path}: Tokenizer: It cannot be read as {kind}. Give the file that belongs to the model."], Mistakes(options with { Tokenizer = tokenizer }));
        }
    }

    [Fact]
    public void SpecialTokensThatAreNotThereAreSaid()
    {
        var path = _folder.File("few.txt", "[UNK]\n[CLS]\nhello\n");
        var options = Small.Options(_folder) with { Tokenizer = OnnxTokenizer.WordPiece(path) with { StartToken = "begin" } };

        Assert.Equal(
        [
            $"{path}: Tokenizer.StartToken: The vocabulary has no such token. Correct it.",
            $"{path}: Tokenizer.EndToken: The vocabulary has neither '[SEP]' nor '</s>'. Say which token it is.",
            $"{path}: Tokenizer.PaddingToken: The vocabulary has neither '[PAD]' nor '<pad>'. Say which token it is.",
        ], Mistakes(options));
        OnnxClassifier.Load(options with { Tokenizer = OnnxTokenizer.WordPiece(path) with { EndToken = "[CLS]", PaddingToken = "[UNK]" } }).Dispose();
    }

    [Fact]
    public void AllMistakesOfTheOptionsAreSaidAtOnce()
    {
        var options = Small.Options(_folder) with
        {
            Tokenizer = null!,
            Rule = "",
            AttackClasses = [1, 1],
            Temperature = 0,
            MaxTokens = 3,
            Overlap = 2,
            BatchSize = 0,
            MaxCharacters = 0,
            Threads = -1,
            Checkpoints = [Checkpoint.Output],
            Calibration = [new(0, 0), new(1, 2)],
        };

        Assert.Equal(
        [
            "Tokenizer: Nothing says how texts become numbers. Give the model's own, for example OnnxTokenizer.TokenizerJson(path).",
            "Rule: An id is missing. Write for example 'classifier/prompt-guard'.",
            "AttackClasses: Give at least one class, each once, counted from 0.",
            "Temperature: A temperature is a number above 0.",
            "MaxTokens: A window has 4 to 65536 tokens.",
            "Overlap: Windows share from 0 to half of their tokens, the two special ones not counted.",
            "BatchSize: A run judges 1 to 1024 windows.",
            "MaxCharacters: At least 1 character is read.",
            "Threads: Give a number of threads, or 0 for all cores.",
            "Checkpoints: A classifier is asked at Input, ToolDescription and ToolResult. Give some of these.",
            "Calibration: Give points from probability 0 to probability 1, in their order, whose risks from 0 to 1 do not fall; or none.",
        ], Mistakes(options));
    }

    [Fact]
    public void OneMistakeEach()
    {
        var options = Small.Options(_folder);
        foreach (var (member, wrong) in new (string, OnnxClassifierOptions)[]
        {
            ("AttackClasses", options with { AttackClasses = [] }), ("AttackClasses", options with { AttackClasses = [-1] }), ("Temperature", options with { Temperature = double.NaN }),
            ("Overlap", options with { Overlap = 8 }), ("Overlap", options with { Overlap = -1 }), ("MaxTokens", options with { MaxTokens = 65537 }), ("Checkpoints", options with { Checkpoints = [] }),
            ("Calibration", options with { Calibration = [new(0, 0)] }), ("Calibration", options with { Calibration = [new(0, 0.5), new(1, 0.4)] }), ("Calibration", options with { Calibration = [new(0.1, 0), new(1, 1)] }),
            ("Calibration", options with { Calibration = [new(0, 0), new(0.5, 0.1), new(0.5, 0.2), new(1, 1)] }), ("Calibration", options with { Calibration = [new(0, double.NaN), new(1, 1)] }),
        })
        {
            Assert.Equal(member, Assert.Single(Assert.Throws<OnnxClassifierException>(() => OnnxClassifier.Load(wrong)).Errors).Member);
        }

        OnnxClassifier.Load(options with { Overlap = 7 }).Dispose();
    }

    [Fact]
    public void AModelWithSpoiltBytesIsLoadedOrRefused()
    {
        var bytes = Small.Model.Write();
        var options = Small.Options(_folder);
        var refused = 0;
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte[1, 255]).Array[1, 4].Sample(changes =>
        {
            var spoilt = (byte[])bytes.Clone();
            foreach (var (at, change) in changes)
            {
                spoilt[at] ^= change;
            }

            try
            {
                OnnxClassifier.Load(options with { ModelPath = _folder.File("spoilt.onnx", spoilt) }).Dispose();
            }
            catch (OnnxClassifierException)
            {
                refused++;
            }
        }, iter: 500, threads: 1);
        Assert.InRange(refused, 1, 500);
    }

    private static string[] Mistakes(OnnxClassifierOptions options)
    {
        var error = Assert.Throws<OnnxClassifierException>(() => OnnxClassifier.Load(options));
        Assert.Equal("The classifier is refused:" + string.Concat(error.Errors.Select(static e => $"\n  {e}")), error.Message);
        return [.. error.Errors.Select(static e => e.ToString())];
    }

    private string[] OfModel(OnnxFile model)
    {
        var error = Assert.Throws<OnnxClassifierException>(() => OnnxClassifier.Load(Small.Options(_folder, model)));
        Assert.All(error.Errors, e => Assert.Equal(_folder.Named("model.onnx"), e.File));
        return [.. error.Errors.Select(static e => e.Message)];
    }
}
