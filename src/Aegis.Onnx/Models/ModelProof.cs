using Aegis.Tokens;

namespace Aegis.Models;

/// <summary>Tries a model before it is needed.</summary>
internal static class ModelProof
{
    private const int Pair = 2;   // windows that are tried together

    public static bool IsFine(ClassifierModel model, IEncoder encoder, OnnxClassifierOptions options, List<OnnxClassifierError> errors)
    {
        if (model.Sequence < options.MaxTokens)
        {
            errors.Add(new(nameof(options.MaxTokens), FormattableString.Invariant($"The model reads {model.Sequence} tokens at once. Give at most that.")) { File = options.ModelPath });
            return false;
        }

        var (start, end) = (encoder.Special.Start, encoder.Special.End);
        if (Try([[start, end]], nameof(options.ModelPath), "The model fails at a text without words, or its output is not of the shape [batch, classes], or no numbers. Export it for text classification.") is not { } logits
            || Try([[start, encoder.LargestId, end]], nameof(options.Tokenizer), "The model does not know the vocabulary's last token. Take the tokenizer that was trained with the model.") is null)
        {
            return false;
        }

        var full = new long[options.MaxTokens];
        Array.Fill(full, end);
        full[0] = start;
        var windows = Enumerable.Repeat(full, Math.Min(Pair, Math.Min(options.BatchSize, model.Batch ?? Pair))).ToArray();
        Try(windows, nameof(options.MaxTokens), FormattableString.Invariant($"The model fails at {windows.Length} windows of {options.MaxTokens} tokens. Give as many tokens as it was trained with, or export it with sizes that are free."));
        if (options.AttackClasses.Max() >= logits.Classes)
        {
            errors.Add(new(nameof(options.AttackClasses), FormattableString.Invariant($"The model has {logits.Classes} classes, from 0 to {logits.Classes - 1}. Look at 'id2label' in its config.json.")) { File = options.ModelPath });
        }
        else if (options.AttackClasses.Count == logits.Classes)
        {
            errors.Add(new(nameof(options.AttackClasses), FormattableString.Invariant($"All of the model's {logits.Classes} classes are attacks. Leave one that is none.")) { File = options.ModelPath });
        }

        return errors.Count == 0;

        Logits? Try(long[][] windows, string member, string message)
        {
            try
            {
                var logits = model.Run(windows, encoder.Special.Padding, CancellationToken.None);
                if (logits.Values.All(float.IsFinite))
                {
                    return logits;
                }
            }
            catch (InvalidOperationException)
            {
            }

            errors.Add(new(member, message) { File = member == nameof(options.Tokenizer) ? options.Tokenizer.Path : options.ModelPath });
            return null;
        }
    }
}
