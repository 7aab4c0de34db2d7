namespace Aegis;

/// <summary>One mistake in the options of a classifier, or in one of its files.</summary>
/// <param name="Member">The member of <see cref="OnnxClassifierOptions"/>.</param>
/// <param name="Message">The culprit and the way out.</param>
public sealed record OnnxClassifierError(string Member, string Message)
{
    /// <summary>The file.</summary>
    /// <value><see langword="null"/>: no file is wrong.</value>
    public string? File { get; init; }

    /// <summary>File, member and message on one line.</summary>
    /// <returns>For example <c>model.onnx: ModelPath: There is no such file. Export the model, or correct the path.</c></returns>
    public override string ToString() => File is null ? $"{Member}: {Message}" : $"{File}: {Member}: {Message}";
}
