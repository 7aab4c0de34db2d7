using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Aegis.Models;

/// <summary>A model in memory. Thread-safe; disposing waits for what runs.</summary>
internal sealed class ClassifierModel : IDisposable
{
    private const string Ids = "input_ids";
    private const string Mask = "attention_mask";
    private const string Types = "token_type_ids";
    private const string Output = "logits";

    private readonly InferenceSession _session;
    private readonly ReaderWriterLockSlim _use = new();   // freed memory must not be read: the runtime does not look
    private readonly bool _hasTypes;
    private readonly string _output;
    private bool _isDisposed;

    private ClassifierModel(InferenceSession session, string output)
    {
        (_session, _output, _hasTypes) = (session, output, session.InputMetadata.ContainsKey(Types));
        var sizes = session.InputMetadata[Ids].Dimensions;
        (Batch, Sequence) = (sizes[0] > 0 ? sizes[0] : null, sizes[1] > 0 ? sizes[1] : null);
    }

    /// <summary>Windows of a run, where the model fixes that.</summary>
    public int? Batch { get; }

    /// <summary>Tokens of a window, where the model fixes that.</summary>
    public int? Sequence { get; }

    /// <summary>Opens a file whose inputs and outputs are what a classifier's are; null: there are mistakes.</summary>
    public static ClassifierModel? Open(OnnxClassifierOptions options, List<OnnxClassifierError> errors)
    {
        var path = options.ModelPath;
        if (string.IsNullOrEmpty(path))
        {
            errors.Add(new(nameof(options.ModelPath), "No model is named. Give the path of an ONNX file."));
            return null;
        }

        if (!File.Exists(path))
        {
            errors.Add(Wrong("There is no such file. Export the model, or correct the path."));
            return null;
        }

        InferenceSession session;
        try
        {
            using var settings = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = Math.Max(0, options.Threads) };   // its log would tell of tokens
            session = new(path, settings);
        }
        catch (Exception)
        {
            errors.Add(Wrong("It cannot be read as an ONNX model. Export it again, for text classification, and keep its external data beside it."));
            return null;
        }

        var before = errors.Count;
        var output = CheckShape(session, message => errors.Add(Wrong(message)));
        if (errors.Count == before)
        {
            return new(session, output!);
        }

        session.Dispose();
        return null;

        OnnxClassifierError Wrong(string message) => new(nameof(options.ModelPath), message) { File = path };
    }

    /// <summary>Runs the model.</summary>
    /// <param name="windows">At least one, and at most <see cref="Batch"/>.</param>
    /// <param name="padding">Fills up shorter ones.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>A row for each.</returns>
    /// <exception cref="InvalidOperationException">The model failed, or its output is not [batch, classes].</exception>
    public Logits Run(ReadOnlySpan<long[]> windows, int padding, CancellationToken cancellationToken)
    {
        _use.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(OnnxClassifier));
            var length = Sequence ?? 0;
            foreach (var window in windows)
            {
                length = Math.Max(length, window.Length);
            }

            var rows = Batch ?? windows.Length;
            var (ids, mask) = (new long[rows * length], new long[rows * length]);
            Array.Fill(ids, padding);
            for (var i = 0; i < rows; i++)
            {
                var window = windows[Math.Min(i, windows.Length - 1)];   // a fixed batch is filled up with what is there: rows of padding alone may be no numbers
                window.CopyTo(ids, i * length);
                mask.AsSpan(i * length, window.Length).Fill(1);
            }

            return Run(ids, mask, rows, length, windows.Length, cancellationToken);
        }
        catch (OnnxRuntimeException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOperationException("The model failed.");   // the runtime's text would tell of tokens
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    public void Dispose()
    {
        _use.EnterWriteLock();
        try
        {
            if (!_isDisposed)
            {
                _session.Dispose();
            }

            _isDisposed = true;
        }
        finally
        {
            _use.ExitWriteLock();
        }
    }

    private Logits Run(long[] ids, long[] mask, int rows, int length, int wanted, CancellationToken cancellationToken)
    {
        long[] shape = [rows, length];
        using var idsValue = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
        using var typesValue = OrtValue.CreateTensorValueFromMemory(new long[_hasTypes ? ids.Length : 1], _hasTypes ? shape : [1]);
        var inputs = new Dictionary<string, OrtValue>(StringComparer.Ordinal) { [Ids] = idsValue, [Mask] = maskValue };
        if (_hasTypes)
        {
            inputs[Types] = typesValue;
        }

        using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var stop = cancellationToken.UnsafeRegister(static run => ((RunOptions)run!).Terminate = true, run);
        using var outputs = _session.Run(run, inputs, [_output]);
        var of = outputs[0].GetTensorTypeAndShape();
        return of.ElementDataType == TensorElementType.Float && of.Shape is [var found, > 0 and var classes] && found == rows
            ? new(outputs[0].GetTensorDataAsSpan<float>()[..(int)(wanted * classes)].ToArray(), (int)classes)
            : throw new InvalidOperationException("The model's output is not of the shape [batch, classes].");
    }

    /// <returns>The output's name; null: there are mistakes.</returns>
    private static string? CheckShape(InferenceSession session, Action<string> wrong)
    {
        var inputs = session.InputMetadata;
        foreach (var name in new[] { Ids, Mask })
        {
            if (!inputs.ContainsKey(name))
            {
                wrong($"The model has no input '{name}'. Export it for text classification.");
            }
        }

        foreach (var (name, input) in inputs)
        {
            if (name is not (Ids or Mask or Types))
            {
                wrong($"The model wants an input '{Shown(name)}'. A classifier gives '{Ids}', '{Mask}' and '{Types}': export it for text classification.");
            }
            else if (!Is(input, TensorElementType.Int64))
            {
                wrong($"The input '{name}' is not int64 of the shape [batch, sequence]. Export it for text classification.");
            }
        }

        var outputs = session.OutputMetadata;
        var output = outputs.ContainsKey(Output) ? Output : outputs.Count == 1 ? outputs.Keys.Single() : null;
        if (output is null)
        {
            wrong($"The model has several outputs, and none is called '{Output}'. Export it for text classification.");
        }
        else if (!Is(outputs[output], TensorElementType.Float))
        {
            wrong($"The output '{Shown(output)}' is not float of the shape [batch, classes]. Export it for text classification, in single precision.");
        }

        return output;
    }

    private static bool Is(NodeMetadata node, TensorElementType type) => node.IsTensor && node.ElementDataType == type && node.Dimensions.Length == 2;

    private static string Shown(string name) => string.Concat(name.Where(static c => c is > ' ' and <= '~').Take(32));
}
