using Aegis.Models;
using Aegis.Tokens;

namespace Aegis;

/// <summary>
/// Judges texts by a model from an ONNX file. A long text is read in windows that overlap, and the largest risk counts; its range is that of the window.
/// Thread-safe. A model whose numbers are none, or not of the shape that it had at the start, is an exception, and the guard blocks.
/// </summary>
public sealed class OnnxClassifier : ITextClassifier, IDisposable
{
    private readonly ClassifierModel _model;
    private readonly IEncoder _encoder;
    private readonly RiskScale _scale;
    private readonly Checkpoint[] _checkpoints;
    private readonly int _window;
    private readonly int _overlap;
    private readonly int _batch;
    private readonly int _maxCharacters;

    private OnnxClassifier(OnnxClassifierOptions options, ClassifierModel model, IEncoder encoder)
    {
        (_model, _encoder, _scale) = (model, encoder, new(options));
        (_checkpoints, _window, _overlap, _batch, _maxCharacters) = ([.. options.Checkpoints], options.MaxTokens - SpecialTokens.Count, options.Overlap, Math.Min(options.BatchSize, model.Batch ?? int.MaxValue), options.MaxCharacters);
        Rule = options.Rule;
    }

    /// <inheritdoc/>
    public string Rule { get; }

    /// <summary>Reads the files, and tries the model: with the vocabulary's last token, and with as many tokens as it is to read.</summary>
    /// <param name="options">Which model, and how.</param>
    /// <returns>The classifier.</returns>
    /// <exception cref="OnnxClassifierException">The options or the files have mistakes: all that can be seen at once.</exception>
    public static OnnxClassifier Load(OnnxClassifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<OnnxClassifierError>();
        OptionChecks.Check(options, errors);
        var encoder = options.Tokenizer is { } tokenizer ? EncoderLoader.Load(tokenizer, errors) : null;
        var model = ClassifierModel.Open(options, errors);
        try
        {
            if (errors.Count == 0 && ModelProof.IsFine(model!, encoder!, options, errors))
            {
                var classifier = new OnnxClassifier(options, model!, encoder!);
                model = null;
                return classifier;
            }

            throw new OnnxClassifierException(errors);
        }
        finally
        {
            model?.Dispose();
        }
    }

    /// <summary>Judges a text, on a thread of the pool: a model takes its time, and the guard's timeout is to count.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="checkpoint">Where it is met.</param>
    /// <param name="cancellationToken">Cancels, also while the model runs.</param>
    /// <returns>The largest risk of its windows, and which part that is.</returns>
    /// <exception cref="InvalidOperationException">The text is longer than <see cref="OnnxClassifierOptions.MaxCharacters"/>, or the model failed.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed of.</exception>
    public async ValueTask<TextRisk> ClassifyAsync(string text, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!_checkpoints.Contains(checkpoint))
        {
            return new(0);
        }

        return text.Length <= _maxCharacters ? await Task.Run(() => Judge(text, cancellationToken), cancellationToken).ConfigureAwait(false)
            : throw new InvalidOperationException("The text is longer than MaxCharacters of the classifier.");
    }

    /// <summary>Frees the model, when nothing runs any more.</summary>
    public void Dispose() => _model.Dispose();

    private TextRisk Judge(string text, CancellationToken cancellationToken)
    {
        var tokens = new List<Token>();
        _encoder.Encode(text, tokens);
        var starts = TokenWindows.Starts(tokens.Count, _window, _overlap);
        var (risk, at) = (-1.0, 0);
        for (var first = 0; first < starts.Count; first += _batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var windows = starts.Skip(first).Take(_batch).Select(start => Window(tokens, start)).ToArray();
            var logits = _model.Run(windows, _encoder.Special.Padding, cancellationToken);
            for (var i = 0; i < windows.Length; i++)
            {
                if (_scale.RiskOf(logits.Row(i)) is var found && found > risk)
                {
                    (risk, at) = (found, starts[first + i]);
                }
            }
        }

        return new(risk, TokenWindows.RangeOf(text, tokens, at, Math.Min(tokens.Count, at + _window)));
    }

    private long[] Window(List<Token> tokens, int start)
    {
        var window = new long[Math.Min(_window, tokens.Count - start) + SpecialTokens.Count];
        window[0] = _encoder.Special.Start;
        for (var i = 1; i < window.Length - 1; i++)
        {
            window[i] = tokens[start + i - 1].Id;
        }

        window[^1] = _encoder.Special.End;
        return window;
    }
}
