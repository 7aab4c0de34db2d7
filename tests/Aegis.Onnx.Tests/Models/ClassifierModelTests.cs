using Aegis.Models;
using Aegis.Onnx.Tests.Files;

namespace Aegis.Onnx.Tests.Models;

public sealed class ClassifierModelTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ARunCanBeCancelledWhileItRuns()
    {
        using var model = ClassifierModel.Open(Small.Options(_folder), [])!;
        long[] window = [2, 4, 3];

        Assert.Throws<OperationCanceledException>(() => model.Run([window], 0, new(canceled: true)));
        Assert.Equal([1.5f, 0], model.Run([window], 0, CancellationToken.None).Row(0).ToArray());
    }

    [Fact]
    public void WhatIsPaddedSaysWhatItSaysAlone()
    {
        using var model = ClassifierModel.Open(Small.Options(_folder), [])!;
        long[] longer = [2, 6, 6, 7, 3];
        long[] shorter = [2, 4, 3];
        var both = model.Run([longer, shorter], 0, CancellationToken.None);

        Assert.Equal(2, both.Classes);
        Assert.Equal([1, 4.5f], both.Row(0).ToArray());
        Assert.Equal([1.5f, 0], both.Row(1).ToArray());
    }

    [Fact]
    public void ATokenThatTheModelDoesNotKnowIsNotSaidInTheException()
    {
        using var model = ClassifierModel.Open(Small.Options(_folder), [])!;

        var error = Assert.Throws<InvalidOperationException>(() => model.Run([new long[] { 2, 4711, 3 }], 0, CancellationToken.None));
        Assert.Equal("The model failed.", error.Message);
        Assert.Null(error.InnerException);
    }
}
