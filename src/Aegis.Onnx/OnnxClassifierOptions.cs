namespace Aegis;

/// <summary>Which model judges, and how. Immutable.</summary>
public sealed record OnnxClassifierOptions
{
    /// <summary>The model: an ONNX file with the inputs <c>input_ids</c> and <c>attention_mask</c>, perhaps <c>token_type_ids</c> (int64 [batch, sequence]), and the output <c>logits</c>, or one of another name (float [batch, classes]). Sizes may be fixed. Its external data stand beside it.</summary>
    public required string ModelPath { get; init; }

    /// <summary>What turns texts into the numbers that the model was trained on.</summary>
    public required OnnxTokenizer Tokenizer { get; init; }

    /// <summary>Id of its findings; <see cref="ITextClassifier.Rule"/> says what it may be.</summary>
    /// <value><c>classifier/onnx</c>.</value>
    public string Rule { get; init; } = "classifier/onnx";

    /// <summary>The model's classes that are attacks, counted from 0. The probabilities of several are added up. At least one class is left that is none.</summary>
    /// <value>1: as Prompt Guard 2 has it. Prompt Guard 1 has injections at 1 and jailbreaks at 2.</value>
    public IReadOnlyList<int> AttackClasses { get; init; } = [1];

    /// <summary>What logits are divided by before they become probabilities: above 1 the model is less sure of itself, below 1 more.</summary>
    /// <value>1.</value>
    public double Temperature { get; init; } = 1;

    /// <summary>What risk a probability is: points with straight lines between them, from probability 0 to 1, neither of which falls. The block lines of <c>scanner.sensitivity</c> are drawn at risks.</summary>
    /// <value>Empty: the risk is the probability.</value>
    public IReadOnlyList<RiskPoint> Calibration { get; init; } = [];

    /// <summary>Tokens that the model reads at once, with the two at start and end. From 4 to 65,536.</summary>
    /// <value>512.</value>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Tokens of a longer text that are read again in the next window; from 0 to half of a window, so that no text is read more than twice. The last window ends with the text, and may share more.</summary>
    /// <value>64.</value>
    public int Overlap { get; init; } = 64;

    /// <summary>Windows that are judged in one run, from 1 to 1,024; fewer where the model fixes that. A call can be cancelled between runs and within one.</summary>
    /// <value>8.</value>
    public int BatchSize { get; init; } = 8;

    /// <summary>The longest text that is read, in UTF-16 characters. A longer one is not judged in part: it is an exception, and the guard blocks.</summary>
    /// <value>262,144, which is also the longest result of a tool unless <c>tools</c> says otherwise.</value>
    public int MaxCharacters { get; init; } = 262_144;

    /// <summary>Where it judges, of <see cref="Checkpoint.Input"/>, <see cref="Checkpoint.ToolDescription"/> and <see cref="Checkpoint.ToolResult"/>. Elsewhere the risk is 0.</summary>
    /// <value>All three.</value>
    public IReadOnlyList<Checkpoint> Checkpoints { get; init; } = [Checkpoint.Input, Checkpoint.ToolDescription, Checkpoint.ToolResult];

    /// <summary>Threads that one run may use.</summary>
    /// <value>0: as many as the machine has cores.</value>
    public int Threads { get; init; }
}
